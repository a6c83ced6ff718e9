// How long a client may be silent: one and a half times its keep alive (3.1.1, 3.1.2.10 and 5.0,
// 3.1.2.10), as its CONNECT or the server's CONNACK says; without one, the idle timeout
// of its pool or of its listener, whichever is shorter.
//
// Only what the client sends counts then: what a server sends to a client that is gone does not
// bring it back. While a client is not read, because its server is slow, it cannot be blamed for
// silence; then the pool's idle timeout counts again.

import { UNSAID } from "../mqtt/connack-facts.ts";
import { clientSlot } from "./connections.ts";
import type { RelayContext } from "./relay-context.ts";

const GRACE_FACTOR = 1.5;

/** A server has been reached: what the CONNECT says counts until the CONNACK says otherwise. */
export function startTimeouts(context: RelayContext, connection: number): void {
  const { connections, io } = context;
  const { idleTimeoutMs, finishTimeoutMs } = context.poolOf(connection);
  const ownIdleMs = context.listenerOf(connection).idleTimeoutMs;
  connections.idleMaxMs[connection] = Math.min(idleTimeoutMs, ownIdleMs);
  connections.finishTimeoutMs[connection] = finishTimeoutMs;
  follow(context, connection, connections.keepAlive[connection]!);
  // The client's silence began with its CONNECT, when the first server was dialled.
  const since = isFollowing(context, connection)
    ? connections.firstDialledAtMs[connection]!
    : io.now;
  const until = Math.max(io.now, since + connections.idleTimeoutMs[connection]!);
  io.setDeadline(clientSlot(connection), until);
}

/** @param seconds Server Keep Alive of the CONNACK (5.0, 3.2.2.3.14), or UNSAID */
export function followServerKeepAlive(
  context: RelayContext,
  connection: number,
  seconds: number,
): void {
  if (seconds === UNSAID) return;
  const { connections, io } = context;
  follow(context, connection, seconds);
  io.setDeadline(clientSlot(connection), io.now + connections.idleTimeoutMs[connection]!);
}

/** True when only the client's own bytes put its deadline off. */
function isFollowing({ connections }: RelayContext, connection: number): boolean {
  return connections.keepsAlive[connection] !== 0;
}

function follow(context: RelayContext, connection: number, seconds: number): void {
  const { connections } = context;
  const isOn = seconds > 0 && context.poolOf(connection).followsKeepAlive;
  connections.keepsAlive[connection] = isOn ? 1 : 0;
  connections.idleTimeoutMs[connection] = isOn
    ? Math.ceil(seconds * 1_000 * GRACE_FACTOR)
    : connections.idleMaxMs[connection]!;
}
