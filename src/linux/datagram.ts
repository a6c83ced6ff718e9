// Datagram sockets that only send, over UDP and to a Unix socket such as /dev/log: connected once,
// non-blocking, so that a receiver that hangs is an EAGAIN and nothing more.
//
// One datagram a call, of at most DATAGRAM_SIZE_MAX bytes. Results are values or a negative errno,
// as in libc.ts. Receives nothing.

import { assert } from "../assert.ts";
import { type Endpoint, isIpv4Mapped } from "../bytes/endpoint.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  errno,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  sockaddrUn,
} from "./abi.ts";
import { close, connect, send, socket } from "./libc.ts";
import { mapMemory } from "./native-memory.ts";
import { writeSockaddr } from "./socket.ts";

/** What one datagram of UDP holds at most (udp(7)). */
const DATAGRAM_SIZE_MAX = 65_507;

const SOCKADDR_ROOM = 128;
const TYPE = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

// Mapped, because a small typed array moves whenever garbage is collected.
const staging = mapMemory(SOCKADDR_ROOM + 65_536);

/** @returns an fd whose datagrams go to an address, or a negative errno */
export function openUdpSender(endpoint: Endpoint): number {
  const family = isIpv4Mapped(endpoint, 0) ? AF_INET : AF_INET6;
  return openConnected(family, writeSockaddr(staging.bytes, 0, endpoint));
}

/**
 * @param path a file's, or `@name` in the abstract namespace (unix(7))
 * @returns an fd whose datagrams go to a Unix socket, or a negative errno
 */
export function openUnixSender(path: string): number {
  const name = new TextEncoder().encode(path);
  const isAbstract = path.startsWith("@");
  // A path has a NUL that ends it; an abstract name begins with one, and its length counts.
  const length = sockaddrUn.path + name.length + (isAbstract ? 0 : 1);
  if (length > sockaddrUn.size) return -errno.EINVAL;
  staging.bytes.fill(0, 0, sockaddrUn.size);
  staging.bytes[sockaddrUn.family] = AF_UNIX;
  staging.bytes.set(name, sockaddrUn.path);
  if (isAbstract) staging.bytes[sockaddrUn.path] = 0;
  return openConnected(AF_UNIX, length);
}

function openConnected(family: number, length: number): number {
  const fd = socket(family, TYPE, 0);
  if (fd < 0) return fd;
  const result = connect(fd, staging.address, length);
  if (result === 0) return fd;
  close(fd);
  return result;
}

/** @returns the bytes sent, which are all; or a negative errno: -EAGAIN when it must wait */
export function sendDatagram(fd: number, bytes: Uint8Array): number {
  assert(bytes.length <= DATAGRAM_SIZE_MAX, "a datagram has been cut to its limit");
  staging.bytes.set(bytes, SOCKADDR_ROOM);
  const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  return send(fd, staging.address + SOCKADDR_ROOM, bytes.length, flags);
}

/** The fd is of no more use. */
export function closeSender(fd: number): void {
  close(fd);
}
