// The TLS ClientHello, before OpenSSL sees it: the server name in it chooses the pool and the
// certificate, or, where TLS ends at the broker, the pool alone.
//
// What is no hello costs no session. Bounded by the largest hello that tls/client-hello.ts takes
// and, in time, by the listener's handshake deadline.

import { REASON } from "../../shm/close-reason.ts";
import type { ListenerPlan } from "../../shm/plan.ts";
import { HELLO_NEED_MORE, HELLO_NOT_TLS, HELLO_TOO_OLD } from "../../tls/client-hello.ts";
import { clientSlot } from "../connections.ts";
import type { RelayContext } from "../relay-context.ts";
import { endWith, NEXT } from "../verdict.ts";
import { hold, joinHeld, leave } from "./early-bytes.ts";

/** A fatal alert of its own record: unrecognized_name (RFC 6066, 3; RFC 8446, 6). */
const UNRECOGNIZED_NAME = [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x70] as const;

/** NEXT means: the pool is known, and the session that the hello is for, where TLS ends here. */
export function onHelloBytes(
  context: RelayContext,
  connection: number,
  offset: number,
  length: number,
): number {
  const { connections, io, helloReader } = context;
  const total = connections.heldLength[connection]! + length;
  const start = joinHeld(context, connection, offset, length);
  if (start < 0) return endWith(REASON["tls-hello-malformed"]);
  const size = helloReader.read(io.bytes, start, total);
  if (size === HELLO_NEED_MORE) return hold(context, connection, offset, length);
  if (size === HELLO_NOT_TLS) return endWith(REASON["not-tls"]);
  if (size === HELLO_TOO_OLD) return endWith(REASON["tls-version-unsupported"]);
  if (size < 0) return endWith(REASON["tls-hello-malformed"]);
  const listener = context.listenerOf(connection);
  const name = helloReader.serverName;
  connections.pool[connection] = poolFor(listener, name);
  if (listener.tls === null) {
    context.helloNames.set(connection, name);
    return passOn(context, connection, offset, length);
  }
  return begin(context, connection, name)
    ? toHandshake(context, connection, start, total)
    : refuse(context, connection);
}

/** The pool for a server name; exact names and `*.` ones, the first that matches. */
export function poolFor(listener: ListenerPlan, name: string): number {
  if (name === "") return listener.pool;
  const wildcard = `*${name.slice(name.indexOf("."))}`;
  const found = listener.serverNames.find((row) => row.name === name || row.name === wildcard);
  return found === undefined ? listener.pool : found.pool;
}

// TLS ends at the broker: the hello is the first of what it gets.
function passOn(context: RelayContext, connection: number, offset: number, length: number): number {
  const { connections } = context;
  const verdict = hold(context, connection, offset, length);
  connections.connectSize[connection] = connections.heldLength[connection]!;
  return verdict < 0 ? verdict : NEXT;
}

function begin(context: RelayContext, connection: number, name: string): boolean {
  const { tls } = context.routesOf(connection);
  const contexts = tls.listeners[context.connections.listener[connection]!]!;
  const chosen = contexts.choose(name);
  if (chosen === null) return false;
  context.transport.acceptTls(clientSlot(connection), chosen);
  return true;
}

function toHandshake(
  context: RelayContext,
  connection: number,
  start: number,
  total: number,
): number {
  leave(context, connection, start, total);
  return NEXT;
}

function refuse(context: RelayContext, connection: number): number {
  const { io } = context;
  io.bytes.set(UNRECOGNIZED_NAME, io.scratchOffset);
  context.sendParting(connection, io.scratchOffset, UNRECOGNIZED_NAME.length);
  return endWith(REASON["tls-name-unknown"]);
}
