// The least that a relay over io_uring can do, with liburing: multishot accept and receive into
// provided buffers, sends from where the bytes lie, one system call a turn. No inspection, no time
// limits, no balancing, no counters; a short send loses bytes. What it costs is what the kernel
// costs on the machine that measures.
//
//   relay-uring LISTEN_PORT SERVER_PORT

#include <errno.h>
#include <liburing.h>
#include <unistd.h>

#include "loopback.h"

#ifndef IORING_SETUP_SINGLE_ISSUER
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#endif
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif

enum { DESCRIPTORS_MAX = 65536, REQUESTS_MAX = 4096, BUFFERS = 4096, BUFFER_SIZE = 2048 };
enum { ACCEPT, RECEIVE, SEND, CONNECT };

static struct io_uring ring;
static struct io_uring_buf_ring *free_buffers;
static char buffers[BUFFERS][BUFFER_SIZE];
static int other_end[DESCRIPTORS_MAX];
static char has_ended[DESCRIPTORS_MAX];
static struct sockaddr_in servers[SERVERS];
static unsigned connected;

static struct io_uring_sqe *request(void) {
  struct io_uring_sqe *entry = io_uring_get_sqe(&ring);
  if (entry) return entry;
  io_uring_submit(&ring);
  return io_uring_get_sqe(&ring);
}

static unsigned long name(int operation, int fd, int buffer) {
  return (unsigned long)operation << 48 | (unsigned long)buffer << 32 | (unsigned)fd;
}

static void receive(int fd) {
  struct io_uring_sqe *entry = request();
  io_uring_prep_recv_multishot(entry, fd, NULL, 0, 0);
  entry->flags |= IOSQE_BUFFER_SELECT;
  entry->user_data = name(RECEIVE, fd, 0);
}

static void give_back(int buffer) {
  io_uring_buf_ring_add(free_buffers, buffers[buffer], BUFFER_SIZE, buffer, BUFFERS - 1, 0);
  io_uring_buf_ring_advance(free_buffers, 1);
}

static void send_buffer(int fd, int buffer, int size) {
  struct io_uring_sqe *entry = request();
  io_uring_prep_send(entry, fd, buffers[buffer], size, MSG_NOSIGNAL);
  entry->user_data = name(SEND, fd, buffer);
}

// The server is connected to with the first bytes, as who inspects them has to.
static void connect_and_send(int client, int buffer, int size) {
  int fd = open_socket(0);
  other_end[client] = fd;
  other_end[fd] = client;
  has_ended[fd] = 0;
  struct io_uring_sqe *entry = request();
  struct sockaddr_in *server = &servers[connected++ % SERVERS];
  io_uring_prep_connect(entry, fd, (struct sockaddr *)server, sizeof *server);
  entry->flags |= IOSQE_IO_LINK;
  entry->user_data = name(CONNECT, fd, 0);
  send_buffer(fd, buffer, size);
  receive(fd);
}

// A descriptor's number is free for another once both sides have ended, and not before.
static void ended(int fd) {
  int other = other_end[fd];
  has_ended[fd] = 1;
  if (other < 0) close(fd);
  else if (!has_ended[other]) shutdown(other, SHUT_RDWR);
  else {
    close(fd);
    close(other);
  }
}

static void received(int fd, int size, unsigned flags) {
  if (size == -ENOBUFS) receive(fd);
  else if (size <= 0) ended(fd);
  else {
    int buffer = flags >> IORING_CQE_BUFFER_SHIFT;
    if (other_end[fd] < 0) connect_and_send(fd, buffer, size);
    else send_buffer(other_end[fd], buffer, size);
    if (!(flags & IORING_CQE_F_MORE)) receive(fd);
  }
}

static void complete(struct io_uring_cqe *entry) {
  int fd = entry->user_data & 0xffffffff;
  switch (entry->user_data >> 48) {
  case ACCEPT:
    if (entry->res < 0) return;
    other_end[entry->res] = -1;
    has_ended[entry->res] = 0;
    receive(entry->res);
    return;
  case RECEIVE:
    received(fd, entry->res, entry->flags);
    return;
  case SEND:
    give_back(entry->user_data >> 32 & 0xffff);
  }
}

static int prepare(void) {
  struct io_uring_params params = {.cq_entries = 65536};
  params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE;
  int result = io_uring_queue_init_params(REQUESTS_MAX, &ring, &params);
  if (result < 0) return result;
  if (posix_memalign((void **)&free_buffers, 4096, BUFFERS * sizeof(struct io_uring_buf))) return -ENOMEM;
  struct io_uring_buf_reg group = {.ring_addr = (unsigned long)free_buffers, .ring_entries = BUFFERS};
  result = io_uring_register_buf_ring(&ring, &group, 0);
  io_uring_buf_ring_init(free_buffers);
  for (int i = 0; i < BUFFERS; i++) give_back(i);
  return result;
}

int main(int count, char **words) {
  if (count != 3) return 2;
  int listener = listen_at(words[1], 0);
  for (int i = 0; i < SERVERS; i++) servers[i] = loopback(words[2], i);
  if (prepare() < 0) {
    fputs("Cannot use io_uring\n", stderr);
    return 1;
  }
  struct io_uring_sqe *entry = request();
  io_uring_prep_multishot_accept(entry, listener, NULL, NULL, 0);
  entry->user_data = name(ACCEPT, listener, 0);
  for (;;) {
    io_uring_submit_and_wait(&ring, 1);
    struct io_uring_cqe *completion;
    unsigned head, seen = 0;
    io_uring_for_each_cqe(&ring, head, completion) {
      complete(completion);
      seen++;
    }
    io_uring_cq_advance(&ring, seen);
  }
}
