// The listening sockets: one per listener and worker, sharing their port (SO_REUSEPORT).
//
// Opened by the control plane before any worker starts, so that an address that cannot be bound is
// one clear message and nothing has started yet. A worker only ever borrows its sockets and never
// closes them: they outlive it, and its replacement takes them over with whoever waits in them, or
// gets new ones where the dead one's requests still cling to them.

import { type Endpoint, endpointPort } from "../bytes/endpoint.ts";
import type { ListenAddress } from "../config/settings.ts";
import { errno, errnoName } from "../linux/abi.ts";
import { close, shutdown } from "../linux/libc.ts";
import { boundEndpoint, openListener } from "../linux/socket.ts";

/** shutdown(2): on a listening socket it ends the listening (tcp(7)); the fd stays. */
const SHUT_RD = 0;

export interface ListenerAddress {
  readonly name: string;
  readonly listen: ListenAddress;
  readonly backlog: number;
}

export interface ListenerSockets {
  /** `fds[worker][listener]` */
  readonly fds: (readonly number[])[];
  /** Where each listener really is: the port is the kernel's choice when 0 was asked for. */
  readonly endpoints: readonly Endpoint[];
}

/** An address could not be bound. */
export class BindError extends Error {
  override readonly name = "BindError";
  readonly code: string;

  constructor({ name, listen }: ListenerAddress, result: number) {
    super(`Cannot bind listener "${name}": address ${listen.text} ${reasonOf(result)}`);
    this.code = errnoName(result);
  }
}

function reasonOf(result: number): string {
  switch (-result) {
    case errno.EADDRINUSE:
      return "is in use";
    case errno.EADDRNOTAVAIL:
      return "does not belong to this machine";
    case errno.EACCES:
      return "needs the right to bind low ports (CAP_NET_BIND_SERVICE)";
    case errno.EMFILE:
      return "takes more files than the process may open";
    default:
      return `is refused by the kernel (${errnoName(result)})`;
  }
}

/**
 * Opens every socket, or none.
 * @throws BindError for the first address that cannot be bound
 */
export function openListenerSockets(
  listeners: readonly ListenerAddress[],
  workerCount: number,
): ListenerSockets {
  const opened: number[] = [];
  try {
    const endpoints = listeners.map(bindableEndpoint);
    const fds = Array.from({ length: workerCount }, () =>
      listeners.map((listener, i) => {
        const fd = openOrThrow(listener, endpoints[i]!, true);
        opened.push(fd);
        return fd;
      }),
    );
    return { fds, endpoints };
  } catch (error) {
    for (const fd of opened) close(fd);
    throw error;
  }
}

/**
 * Clients are refused from now on; those that were waiting are reset. The fds stay open, so that
 * no other file can get their numbers while a worker still knows them.
 */
export function stopListening({ fds }: ListenerSockets): void {
  for (const fd of fds.flat()) shutdown(fd, SHUT_RD);
}

/**
 * Gives a worker new sockets on the same addresses. An io_uring that outlives its thread would go
 * on accepting from the old ones; whoever waits in them is reset and comes back.
 * @throws BindError when the process has no file left; the old ones stay then
 */
export function renewListenerSockets(
  { fds, endpoints }: ListenerSockets,
  listeners: readonly ListenerAddress[],
  worker: number,
): void {
  const old = fds[worker] ?? [];
  const opened: number[] = [];
  try {
    for (const [i, listener] of listeners.entries()) {
      opened.push(openOrThrow(listener, endpoints[i]!, true));
    }
  } catch (error) {
    for (const fd of opened) close(fd);
    throw error;
  }
  fds[worker] = opened;
  for (const fd of old) {
    shutdown(fd, SHUT_RD);
    close(fd);
  }
}

/** Only once no worker runs any more. */
export function closeListenerSockets({ fds }: ListenerSockets): void {
  for (const fd of fds.flat()) close(fd);
}

/**
 * Binds once without SO_REUSEPORT: with it, the kernel would let two Fairleads of one user share a
 * port, each with half of the clients, and nobody would be told.
 */
function bindableEndpoint(listener: ListenerAddress): Endpoint {
  const fd = openOrThrow(listener, listener.listen.endpoint, false);
  const endpoint = boundEndpoint(fd);
  close(fd);
  if (typeof endpoint === "number") throw new BindError(listener, endpoint);
  return endpointPort(listener.listen.endpoint, 0) === 0 ? endpoint : listener.listen.endpoint;
}

function openOrThrow(listener: ListenerAddress, endpoint: Endpoint, reusePort: boolean): number {
  const fd = openListener(endpoint, { backlog: listener.backlog, reusePort });
  if (fd < 0) throw new BindError(listener, fd);
  return fd;
}
