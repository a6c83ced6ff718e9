// Clients who come while another one of their id is still connected: brokers end the older one
// (5.0, [MQTT-3.1.4-3]; 3.1.1, [MQTT-3.1.4-2]). Many of these tell of two devices with one id.
//
// Asked just before a CONNECT goes to its server, because the server may end the older connection
// before it answers; counted when the server has let the client in. Who has begun to end does not
// count as connected. A server may have more reasons to end a session, which are not seen here.

import { NO_PLACE } from "../shm/connected-ids.ts";
import { COUNTER } from "../shm/counters.ts";
import type { RelayContext } from "./relay-context.ts";

/** A CONNECT is about to go to its server. */
export function noteRival({ connectedIds, connections }: RelayContext, connection: number): void {
  const { clientIds } = connections;
  const length = clientIds.lengthOf(connection);
  if (length === 0) return;
  const pool = connections.pool[connection]!;
  const bytes = clientIds.bytesOf(connection);
  const isThere = connectedIds.has(pool, bytes, clientIds.offsetOf(connection), length);
  connections.hasRival[connection] = isThere ? 1 : 0;
}

/** A server has let the client in. One that leaves its id to the server takes over from nobody. */
export function enterId(
  { connectedIds, connections, row }: RelayContext,
  connection: number,
): void {
  const { clientIds } = connections;
  const length = clientIds.lengthOf(connection);
  if (length === 0) return;
  const pool = connections.pool[connection]!;
  const bytes = clientIds.bytesOf(connection);
  const place = connectedIds.enter(pool, bytes, clientIds.offsetOf(connection), length);
  connections.idPlace[connection] = place;
  const isTakeover = connectedIds.wasThere || connections.hasRival[connection] !== 0;
  if (isTakeover) row[COUNTER.takeovers]! += 1;
}

/** One of its sides has ended, or it is being ended. */
export function leaveId({ connectedIds, connections }: RelayContext, connection: number): void {
  const place = connections.idPlace[connection]!;
  if (place === NO_PLACE) return;
  connections.idPlace[connection] = NO_PLACE;
  connectedIds.leave(place);
}
