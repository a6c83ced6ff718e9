// The least that a relay over epoll can do: accept, connect, recv, send, close. No inspection, no
// time limits, no balancing, no counters; a short send ends the connection. What it costs is what
// the kernel costs on the machine that measures.
//
//   relay-epoll LISTEN_PORT SERVER_PORT

#define _GNU_SOURCE
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "loopback.h"

enum { DESCRIPTORS_MAX = 65536, EVENTS_MAX = 512, ACCEPTS_MAX = 64, PIECE_SIZE = 256 * 1024 };

static int other_end[DESCRIPTORS_MAX];
static char is_open[DESCRIPTORS_MAX];
static char piece[PIECE_SIZE];
static struct sockaddr_in servers[SERVERS];
static unsigned connected;
static int epoll;

static void watch(int fd, int events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void adopt(int fd, int other) {
  other_end[fd] = other;
  is_open[fd] = 1;
  watch(fd, EPOLLIN | EPOLLRDHUP | EPOLLET);
}

static void accept_all(int listener) {
  for (int i = 0; i < ACCEPTS_MAX; i++) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    adopt(fd, -1);
  }
}

// The server is connected to with the first bytes, as who inspects them has to.
static int connect_server(int client) {
  int fd = open_socket(SOCK_NONBLOCK);
  struct sockaddr_in *server = &servers[connected++ % SERVERS];
  connect(fd, (struct sockaddr *)server, sizeof *server);
  adopt(fd, client);
  return other_end[client] = fd;
}

static void end(int fd) {
  int other = other_end[fd];
  is_open[fd] = 0;
  close(fd);
  if (other < 0 || !is_open[other]) return;
  is_open[other] = 0;
  close(other);
}

static void relay(int fd) {
  ssize_t size = recv(fd, piece, sizeof piece, 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) {
    end(fd);
    return;
  }
  int to = other_end[fd] < 0 ? connect_server(fd) : other_end[fd];
  if (send(to, piece, size, MSG_NOSIGNAL) != size) end(fd);
}

int main(int count, char **words) {
  if (count != 3) return 2;
  int listener = listen_at(words[1], SOCK_NONBLOCK);
  for (int i = 0; i < SERVERS; i++) servers[i] = loopback(words[2], i);
  epoll = epoll_create1(0);
  watch(listener, EPOLLIN);
  for (;;) {
    struct epoll_event events[EVENTS_MAX];
    int ready = epoll_wait(epoll, events, EVENTS_MAX, -1);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) accept_all(listener);
      else if (is_open[fd]) relay(fd);
      // A FIN behind the bytes comes with no edge of its own.
      if (fd != listener && is_open[fd] && (events[i].events & EPOLLRDHUP)) relay(fd);
    }
  }
}
