// The listening sockets: one per listener and worker, sharing their port (SO_REUSEPORT).
//
// Opened by the control plane before any worker hears of them, so that an address that cannot be
// bound is one clear message and nothing has changed yet. A worker only ever borrows its sockets
// and never closes them: they outlive it, and its replacement takes them over with whoever waits in
// them, or gets new ones where the dead one's requests still cling to them.

import { type Endpoint, endpointPort } from "../bytes/endpoint.ts";
import type { ListenAddress } from "../config/settings.ts";
import { errnoName } from "../linux/abi.ts";
import { close, shutdown } from "../linux/libc.ts";
import { boundEndpoint, openListener, setKeepAlive, type TcpKeepAlive } from "../linux/socket.ts";
import { bindReasonOf } from "./bind-reason.ts";

/** shutdown(2): on a listening socket it ends the listening (tcp(7)); the fd stays. */
const SHUT_RD = 0;

export interface ListenerAddress {
  readonly name: string;
  readonly listen: ListenAddress;
  readonly backlog: number;
  readonly transparent: boolean;
  /** Whether IPv4 is kept away from `[::]`. */
  readonly ipv6Only: boolean;
  /** The network interface; null: any. */
  readonly device: string | null;
  /** What those who connect are kept alive by; null: nothing. */
  readonly tcpKeepAlive: TcpKeepAlive | null;
}

/** A listener whose sockets are open. */
export interface OpenListener extends ListenerAddress {
  /** Where it really is: the port is the kernel's choice when 0 was asked for. */
  readonly endpoint: Endpoint;
  /** By worker. */
  readonly fds: readonly number[];
}

/** An address could not be bound. */
export class BindError extends Error {
  override readonly name = "BindError";
  /** The name of the errno: `EADDRINUSE` when somebody else listens there. */
  readonly code: string;
  readonly port: number;

  constructor({ name, listen }: ListenerAddress, result: number) {
    const code = errnoName(result);
    const reason = bindReasonOf(code) ?? `is refused by the kernel (${code})`;
    super(`Cannot bind listener "${name}": address ${listen.text} ${reason}`);
    this.code = code;
    this.port = endpointPort(listen.endpoint, 0);
  }
}

export interface OpenOptions {
  readonly workerCount: number;
  /** Listeners of this process that are open: their ports are taken by nobody else. */
  readonly beside?: readonly OpenListener[];
}

/**
 * Opens every socket, or none.
 * @returns one a listener, in the same order
 * @throws BindError for the first address that cannot be bound
 */
export function openListenerSockets(
  listeners: readonly ListenerAddress[],
  { workerCount, beside = [] }: OpenOptions,
): OpenListener[] {
  const endpoints = listeners.map((listener) => bindableEndpoint(listener, beside));
  const opened: OpenListener[] = [];
  try {
    for (const [i, listener] of listeners.entries()) {
      const fds = openSockets(listener, endpoints[i]!, workerCount);
      opened.push({ ...listener, endpoint: endpoints[i]!, fds });
    }
    return opened;
  } catch (error) {
    closeListenerSockets(opened);
    throw error;
  }
}

/**
 * Clients are refused from now on; those that were waiting are reset. The fds stay open, so that
 * no other file can get their numbers while a worker still knows them.
 */
export function stopListening(listeners: readonly OpenListener[]): void {
  for (const fd of listeners.flatMap(({ fds }) => fds)) shutdown(fd, SHUT_RD);
}

/**
 * Gives a worker new sockets on the same addresses. An io_uring that outlives its thread would go
 * on accepting from the old ones; whoever waits in them is reset and comes back.
 * @returns the same listeners with the new sockets
 * @throws BindError when the process has no file left; the old ones stay then
 */
export function renewListenerSockets(
  listeners: readonly OpenListener[],
  worker: number,
): OpenListener[] {
  const opened: number[] = [];
  try {
    for (const listener of listeners) opened.push(openOrThrow(listener, listener.endpoint, true));
  } catch (error) {
    for (const fd of opened) close(fd);
    throw error;
  }
  return listeners.map((listener, i) => {
    const old = listener.fds[worker]!;
    shutdown(old, SHUT_RD);
    close(old);
    return { ...listener, fds: listener.fds.with(worker, opened[i]!) };
  });
}

/** Whoever connects from now on is kept alive by this. @returns the listener with it */
export function keepAliveBy(listener: OpenListener, tcpKeepAlive: TcpKeepAlive | null) {
  for (const fd of listener.fds) setKeepAlive(fd, tcpKeepAlive);
  return { ...listener, tcpKeepAlive };
}

/** Only once no worker accepts from them any more. */
export function closeListenerSockets(listeners: readonly OpenListener[]): void {
  for (const fd of listeners.flatMap(({ fds }) => fds)) close(fd);
}

/**
 * Binds once without SO_REUSEPORT: with it, the kernel would let two Fairleads of one user share a
 * port, each with half of the clients, and nobody would be told. A port that this process has at
 * another address of the machine cannot be tried so, and need not be.
 */
function bindableEndpoint(listener: ListenerAddress, beside: readonly OpenListener[]): Endpoint {
  const wished = listener.listen.endpoint;
  const port = endpointPort(wished, 0);
  if (port !== 0 && beside.some(({ endpoint }) => endpointPort(endpoint, 0) === port))
    return wished;
  const fd = openOrThrow(listener, wished, false);
  const endpoint = boundEndpoint(fd);
  close(fd);
  if (typeof endpoint === "number") throw new BindError(listener, endpoint);
  return port === 0 ? endpoint : wished;
}

function openSockets(listener: ListenerAddress, endpoint: Endpoint, count: number): number[] {
  const fds: number[] = [];
  try {
    for (let i = 0; i < count; i++) fds.push(openOrThrow(listener, endpoint, true));
    return fds;
  } catch (error) {
    for (const fd of fds) close(fd);
    throw error;
  }
}

function openOrThrow(listener: ListenerAddress, endpoint: Endpoint, reusePort: boolean): number {
  const { backlog, device, ipv6Only, tcpKeepAlive: keepAlive, transparent } = listener;
  const options = { backlog, device, ipv6Only, keepAlive, reusePort, transparent };
  const fd = openListener(endpoint, options);
  if (fd < 0) throw new BindError(listener, fd);
  return fd;
}
