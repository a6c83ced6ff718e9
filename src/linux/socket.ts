// TCP sockets as both planes use them: addresses in the kernel's form, options, listening sockets.
//
// Nothing here runs once a connection is relaying. Results are values or a negative errno, as in
// libc.ts.

import { ADDRESS_SIZE, ENDPOINT_SIZE, type Endpoint, isIpv4Mapped } from "../bytes/endpoint.ts";
import {
  AF_INET,
  AF_INET6,
  errno,
  F_GETFL,
  F_SETFL,
  IP_BIND_ADDRESS_NO_PORT,
  IP_TRANSPARENT,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_TRANSPARENT,
  IPV6_V6ONLY,
  linger as lingerLayout,
  O_NONBLOCK,
  SO_BINDTODEVICE,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  sockaddrIn,
  sockaddrIn6,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
  TCP_QUICKACK,
  TCP_REPAIR,
} from "./abi.ts";
import { FOREIGN_SOURCE, SPEAKS_FIRST } from "./dial-manner.ts";
import {
  bind,
  close,
  connect,
  fcntl,
  getpeername,
  getsockname,
  getsockopt,
  listen,
  setsockopt,
  socket,
} from "./libc.ts";
import { mapMemory } from "./native-memory.ts";

/** Room for the larger of the two address structures. */
export const SOCKADDR_SIZE_MAX = sockaddrIn6.size;

/** Writes an endpoint as the kernel's struct sockaddr. @returns the structure's length in bytes */
export function writeSockaddr(target: Uint8Array, at: number, endpoint: Endpoint): number {
  const ipv4 = isIpv4Mapped(endpoint, 0);
  const layout = ipv4 ? sockaddrIn : sockaddrIn6;
  target.fill(0, at, at + layout.size);
  target[at + layout.family] = ipv4 ? AF_INET : AF_INET6;
  target.set(endpoint.subarray(ADDRESS_SIZE), at + layout.port);
  target.set(endpoint.subarray(ipv4 ? 12 : 0, ADDRESS_SIZE), at + layout.address);
  return layout.size;
}

/** Writes a struct sockaddr of either family as an endpoint. Allocates nothing. */
export function readSockaddr(
  source: Uint8Array,
  from: number,
  target: Uint8Array,
  at: number,
): void {
  const ipv4 = source[from] === AF_INET;
  const layout = ipv4 ? sockaddrIn : sockaddrIn6;
  const start = ipv4 ? 12 : 0;
  for (let i = 0; i < start; i++) target[at + i] = i < 10 ? 0 : 0xff;
  for (let i = start; i < ADDRESS_SIZE; i++) {
    target[at + i] = source[from + layout.address + i - start]!;
  }
  target[at + ADDRESS_SIZE] = source[from + layout.port]!;
  target[at + ADDRESS_SIZE + 1] = source[from + layout.port + 1]!;
}

// Scratch for calls that pass a structure by address, used within one call. Mapped, because a small
// typed array lives in the JavaScript heap and moves whenever garbage is collected.
const scratch = mapMemory(4096);
const scratchInts = new Int32Array(scratch.bytes.buffer);
const OPTION_AT = 0;
const LENGTH_AT = 8;
const LINGER_AT = 16;
const SOCKADDR_AT = 64;
const lengthAddress = scratch.address + LENGTH_AT;
const optionAddress = scratch.address + OPTION_AT;
const DEVICE_NAME_MAX = 15;
const sockaddrAddress = scratch.address + SOCKADDR_AT;
scratchInts[(LINGER_AT + lingerLayout.onoff) >> 2] = 1;
scratchInts[(LINGER_AT + lingerLayout.linger) >> 2] = 0;

/** Sets an integer socket option. @returns 0 or a negative errno */
export function setOption(fd: number, level: number, name: number, value: number): number {
  scratchInts[OPTION_AT >> 2] = value;
  return setsockopt(fd, level, name, optionAddress, 4);
}

/** When the kernel asks a silent peer if it is still there (tcp(7)); 0: as it does by itself. */
export interface TcpKeepAlive {
  /** Silence before the first probe. */
  readonly idleSeconds: number;
  /** From one probe to the next. */
  readonly intervalSeconds: number;
  /** Probes without an answer after which the connection ends. */
  readonly probes: number;
}

/** On a listening socket: what it accepts inherits it. @returns 0 or a negative errno */
export function setKeepAlive(fd: number, keepAlive: TcpKeepAlive | null): number {
  let result = setOption(fd, SOL_SOCKET, SO_KEEPALIVE, keepAlive === null ? 0 : 1);
  if (result < 0 || keepAlive === null) return result;
  const { idleSeconds, intervalSeconds, probes } = keepAlive;
  if (idleSeconds > 0) result = setOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, idleSeconds);
  if (result === 0 && intervalSeconds > 0) {
    result = setOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, intervalSeconds);
  }
  return result < 0 || probes === 0 ? result : setOption(fd, IPPROTO_TCP, TCP_KEEPCNT, probes);
}

export interface ListenOptions {
  readonly backlog: number;
  /** Share the port with the listening sockets of the other workers. */
  readonly reusePort: boolean;
  /** For the connections it accepts; without it the kernel asks nobody. */
  readonly keepAlive?: TcpKeepAlive | null;
  /** Whether the address may be another machine's, whose packets are led here (IP_TRANSPARENT). */
  readonly transparent?: boolean;
  /** Whether `[::]` takes IPv6 alone (IPV6_V6ONLY); left out: IPv4 too. */
  readonly ipv6Only?: boolean;
  /** Only what comes in through this network interface; null: through any. */
  readonly device?: string | null;
}

/**
 * Opens a non-blocking listening TCP socket. What accepted sockets inherit is set on it, once:
 * TCP_NODELAY and keep-alives (tcp(7)).
 * @returns the fd, or a negative errno
 */
export function openListener(endpoint: Endpoint, options: ListenOptions): number {
  const ipv4 = isIpv4Mapped(endpoint, 0);
  const type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = socket(ipv4 ? AF_INET : AF_INET6, type, IPPROTO_TCP);
  if (fd < 0) return fd;
  const result = prepareListener(fd, endpoint, options);
  if (result < 0) {
    close(fd);
    return result;
  }
  return fd;
}

function prepareListener(fd: number, endpoint: Endpoint, options: ListenOptions): number {
  const ipv4 = isIpv4Mapped(endpoint, 0);
  let result = setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (result === 0 && options.reusePort) result = setOption(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  if (result === 0 && !ipv4) {
    result = setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6Only ? 1 : 0);
  }
  if (result === 0) result = setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (result === 0 && options.keepAlive) result = setKeepAlive(fd, options.keepAlive);
  if (result === 0 && options.transparent) {
    result = allowForeignSource(fd, ipv4 ? AF_INET : AF_INET6);
  }
  if (result === 0 && options.device) result = bindToDevice(fd, options.device);
  if (result < 0) return result;
  const length = writeSockaddr(scratch.bytes, SOCKADDR_AT, endpoint);
  result = bind(fd, sockaddrAddress, length);
  return result < 0 ? result : listen(fd, options.backlog);
}

// Names are ASCII of at most 15 characters (IFNAMSIZ); longer ones are no interface's.
function bindToDevice(fd: number, name: string): number {
  if (name.length > DEVICE_NAME_MAX) return -errno.ENODEV;
  for (let i = 0; i < name.length; i++) scratch.bytes[SOCKADDR_AT + i] = name.charCodeAt(i);
  return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, sockaddrAddress, name.length);
}

/** The endpoint a socket is bound to: tells the port when 0 was asked for. */
export function boundEndpoint(fd: number): Endpoint | number {
  scratchInts[LENGTH_AT >> 2] = SOCKADDR_SIZE_MAX;
  const result = getsockname(fd, sockaddrAddress, lengthAddress);
  if (result < 0) return result;
  const endpoint = new Uint8Array(ENDPOINT_SIZE);
  readSockaddr(scratch.bytes, SOCKADDR_AT, endpoint, 0);
  return endpoint;
}

/** Switches O_NONBLOCK: epoll needs it, and io_uring would take it for "do not wait". */
export function setNonBlocking(fd: number, nonBlocking: boolean): number {
  const flags = fcntl(fd, F_GETFL, 0);
  if (flags < 0) return flags;
  return fcntl(fd, F_SETFL, nonBlocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

/**
 * Opens a blocking socket for io_uring to connect.
 * @param source where the struct sockaddr to connect from is in memory; 0: the kernel chooses
 * @param manner bits of dial-manner.ts
 * @returns the fd or a negative errno
 */
export function openDialSocket(family: number, source = 0, manner = 0): number {
  return openBound(family, SOCK_STREAM | SOCK_CLOEXEC, source, manner);
}

/**
 * Opens a non-blocking socket and starts connecting it to a struct sockaddr in memory.
 * @param source where the struct sockaddr to connect from is in memory; 0: the kernel chooses
 * @param manner bits of dial-manner.ts
 * @returns the fd, whether connected or under way; or a negative errno
 */
export function dial(
  family: number,
  address: number,
  length: number,
  source = 0,
  manner = 0,
): number {
  const fd = openBound(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, source, manner);
  if (fd < 0) return fd;
  const result = connect(fd, address, length);
  if (result === 0 || result === -errno.EINPROGRESS) return fd;
  close(fd);
  return result;
}

// The port is chosen by connect(2), which knows the other end: one source address then has a range
// of ports for each server (ip(7), IP_BIND_ADDRESS_NO_PORT).
function openBound(family: number, type: number, source: number, manner: number): number {
  const fd = socket(family, type, IPPROTO_TCP);
  if (fd < 0) return fd;
  setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if ((manner & SPEAKS_FIRST) !== 0) setOption(fd, IPPROTO_TCP, TCP_QUICKACK, 0);
  if (source === 0) return fd;
  setOption(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  const length = family === AF_INET ? sockaddrIn.size : sockaddrIn6.size;
  let result = (manner & FOREIGN_SOURCE) !== 0 ? allowForeignSource(fd, family) : 0;
  if (result === 0) result = bind(fd, source, length);
  if (result === 0) return fd;
  close(fd);
  return result;
}

// Needs CAP_NET_ADMIN; the way back must lead through this machine (ip(7), IP_TRANSPARENT).
function allowForeignSource(fd: number, family: number): number {
  if (family === AF_INET) return setOption(fd, IPPROTO_IP, IP_TRANSPARENT, 1);
  return setOption(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, 1);
}

/**
 * Takes the pending error off a socket. @returns a positive errno; ECONNABORTED when there is none
 */
export function takeSocketError(fd: number): number {
  scratchInts[LENGTH_AT >> 2] = 4;
  const result = getsockopt(fd, SOL_SOCKET, SO_ERROR, optionAddress, lengthAddress);
  if (result < 0) return -result;
  const error = scratchInts[OPTION_AT >> 2]!;
  return error === 0 ? errno.ECONNABORTED : error;
}

/** Makes close(2) send a reset instead of a FIN (socket(7), SO_LINGER with no time). */
export function resetOnClose(fd: number): void {
  setsockopt(fd, SOL_SOCKET, SO_LINGER, scratch.address + LINGER_AT, lingerLayout.size);
}

/** Makes close(2) send nothing at all, or a reset without CAP_NET_ADMIN (tcp(7), TCP_REPAIR). */
export function silenceOnClose(fd: number): void {
  if (setOption(fd, IPPROTO_TCP, TCP_REPAIR, 1) < 0) resetOnClose(fd);
}

/** Writes a socket's own endpoint; all zeros when it has none any more. */
export function localEndpoint(fd: number, target: Uint8Array, at: number): void {
  scratchInts[LENGTH_AT >> 2] = SOCKADDR_SIZE_MAX;
  const result = getsockname(fd, sockaddrAddress, lengthAddress);
  if (result === 0) readSockaddr(scratch.bytes, SOCKADDR_AT, target, at);
  else target.fill(0, at, at + ENDPOINT_SIZE);
}

/** Writes the peer's endpoint; all zeros when the socket has no peer any more. */
export function peerEndpoint(fd: number, target: Uint8Array, at: number): void {
  scratchInts[LENGTH_AT >> 2] = SOCKADDR_SIZE_MAX;
  const result = getpeername(fd, sockaddrAddress, lengthAddress);
  if (result === 0) readSockaddr(scratch.bytes, SOCKADDR_AT, target, at);
  else target.fill(0, at, at + ENDPOINT_SIZE);
}
