// What both relays do before they relay: addresses on loopback and sockets of TCP.
//
// `type` of a socket is 0 or SOCK_NONBLOCK; none of them waits to fill a segment.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

// Addresses of the server: see ../proxies.js.
enum { SERVERS = 4 };

// 127.0.0.1, and as many behind it as `number` says.
static struct sockaddr_in loopback(const char *port, int number) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number);
  return address;
}

static int open_socket(int type) {
  int yes = 1, fd = socket(AF_INET, SOCK_STREAM | type, 0);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return fd;
}

// Ends the program where nobody can listen there.
static int listen_at(const char *port, int type) {
  struct sockaddr_in here = loopback(port, 0);
  int yes = 1, listener = open_socket(type);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&here, sizeof here) < 0 || listen(listener, 4096) < 0) {
    perror("Cannot listen");
    exit(1);
  }
  return listener;
}
