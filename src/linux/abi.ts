// The kernel's constants and structure layouts, each declared once. Linux on x86-64 and arm64,
// little-endian, LP64; scripts/abi-probe.js compares every size and offset with the C compiler's.
//
// Nothing here calls anything: libc.ts does, with these numbers.

import { assert } from "../assert.ts";

export const errno = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  EPIPE: 32,
  ENOSYS: 38,
  EPROTO: 71,
  EBADMSG: 74,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETDOWN: 100,
  ENETUNREACH: 101,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ENOBUFS: 105,
  EMSGSIZE: 90,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  EINPROGRESS: 115,
  ETIME: 62,
  ECANCELED: 125,
} as const;

const errnoNames = new Map<number, string>(
  Object.entries(errno).map(([name, number]) => [number, name]),
);

/** @returns `ECONNREFUSED` for 111 or -111; `errno 200` for a number this table lacks */
export function errnoName(number: number): string {
  return errnoNames.get(Math.abs(number)) ?? `errno ${Math.abs(number)}`;
}

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;

export const IPPROTO_IP = 0;
export const IPPROTO_TCP = 6;
export const IPPROTO_IPV6 = 41;
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_ERROR = 4;
export const SO_KEEPALIVE = 9;
export const SO_LINGER = 13;
export const SO_REUSEPORT = 15;
export const SO_BINDTODEVICE = 25;
export const TCP_NODELAY = 1;
export const TCP_KEEPIDLE = 4;
export const TCP_KEEPINTVL = 5;
export const TCP_KEEPCNT = 6;
export const TCP_QUICKACK = 12;
export const IPV6_V6ONLY = 26;
export const IPV6_TRANSPARENT = 75;
export const IP_TRANSPARENT = 19;
export const TCP_REPAIR = 19;
export const IP_BIND_ADDRESS_NO_PORT = 24;

export const POLLIN = 0x001;

export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_MORE = 0x8000;
export const SHUT_WR = 1;

export const F_GETFL = 3;
export const F_SETFL = 4;
export const O_NONBLOCK = 0o4000;

export const EPOLL_CLOEXEC = 0o2000000;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLLIN = 0x001;
export const EPOLLOUT = 0x004;
export const EPOLLERR = 0x008;
export const EPOLLHUP = 0x010;
export const EPOLLRDHUP = 0x2000;
export const EPOLLET = 0x80000000;

export const EFD_CLOEXEC = 0o2000000;
export const EFD_NONBLOCK = 0o4000;

export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const MAP_SHARED = 0x01;
export const MAP_PRIVATE = 0x02;
export const MAP_ANONYMOUS = 0x20;
export const MAP_NORESERVE = 0x4000;
export const MAP_POPULATE = 0x8000;

export const RLIMIT_NOFILE = 7;

/** struct sockaddr_in (ip(7)) */
export const sockaddrIn = { size: 16, family: 0, port: 2, address: 4 } as const;
/** struct sockaddr_in6 (ipv6(7)) */
export const sockaddrIn6 = { size: 28, family: 0, port: 2, address: 8 } as const;
/** struct sockaddr_un (unix(7)) */
export const sockaddrUn = { size: 110, family: 0, path: 2 } as const;
/** struct linger (socket(7)) */
export const linger = { size: 8, onoff: 0, linger: 4 } as const;
/** struct rlimit (getrlimit(2)) */
export const rlimit = { size: 16, current: 0, maximum: 8 } as const;

/** struct epoll_event (epoll_event(3type)): packed on x86-64 alone. */
export interface EpollEventLayout {
  readonly size: number;
  readonly events: number;
  readonly data: number;
}

export const epollEventLayouts: Readonly<Record<string, EpollEventLayout>> = {
  x64: { size: 12, events: 0, data: 4 },
  arm64: { size: 16, events: 0, data: 8 },
};

/** The layout on the machine that runs this. */
export function epollEventLayout(architecture: string): EpollEventLayout {
  const layout = epollEventLayouts[architecture];
  assert(layout !== undefined, "epoll_event is known for x64 and arm64");
  return layout;
}
