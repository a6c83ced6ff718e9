// Clients that wait for their turn to begin a TLS handshake: the costliest thing that anybody may
// ask of us, and after an outage everybody asks at once. They are connected and not read; source
// networks take turns.
//
// Bounded by the rows of the worker and, in time, by the listener's handshake deadline.

import { COUNTER } from "../shm/counters.ts";
import { tryTakeToken } from "../shm/token-bucket.ts";
import { clientSlot } from "./connections.ts";
import type { RelayContext } from "./relay-context.ts";
import { laneOf } from "./stages/take-turn.ts";
import { OTHERS } from "./waiting-room.ts";

/** A client has been accepted. @returns whether it may be read; else it stands in line */
export function mayShakeHands(context: RelayContext, connection: number): boolean {
  const { handshakes } = context.listenerOf(connection);
  if (handshakes === null) return true;
  const listener = context.connections.listener[connection]!;
  const line = context.handshakeLine;
  if (line.ofPool(listener) === 0 && takeToken(context, connection)) return true;
  line.enter(connection, listener, OTHERS, laneOf(context, connection));
  context.row[COUNTER.handshakesDelayed]! += 1;
  return false;
}

/** Once a turn: reads those whose turn has come. */
export function serveHandshakes(context: RelayContext): void {
  const { handshakeLine: line, io } = context;
  for (let listener = 0; line.count > 0 && listener < line.poolsEnd; listener++) {
    let connection = line.first(listener);
    while (connection >= 0 && takeToken(context, connection)) {
      line.pass(connection);
      line.leave(connection);
      io.startReceiving(clientSlot(connection));
      connection = line.first(listener);
    }
  }
}

function takeToken(context: RelayContext, connection: number): boolean {
  const { connections, io } = context;
  const { handshakes } = context.listenerOf(connection);
  const bucket = context.routesOf(connection).handshakeBuckets[connections.listener[connection]!];
  if (handshakes === null || bucket == null) return true;
  return tryTakeToken(bucket, 0, handshakes.rate, io.now);
}
