// What a client may do where its listener sets bounds: its CONNECT is judged when it is there, what
// it publishes before it goes on.
//
// Only connections whose `watch` says so come here while bytes are relayed. Decides how many of
// them may pass; pipe.ts hands them over. Bounded by one walk over the packets of a received piece.

import { QOS_TOO_HIGH, RETAINED } from "../../mqtt/publish-scan.ts";
import { REASON } from "../../shm/close-reason.ts";
import { clientSlot } from "../connections.ts";
import type { RelayContext } from "../relay-context.ts";
import { endWith, NEXT, STAY } from "../verdict.ts";
import { FORBIDS_RETAIN, qosMaxOf, WATCH_PACKETS, watchFor } from "../watch.ts";

/**
 * A good CONNECT is there: its version and its will are judged.
 * @returns NEXT or a reason to end
 */
export function guardConnect(context: RelayContext, connection: number): number {
  const { connections, inspector, tracker } = context;
  const { allow, packetSizeMaxBytes } = context.listenerOf(connection);
  tracker.limitSize(clientSlot(connection), packetSizeMaxBytes);
  connections.watch[connection] = allow === null ? WATCH_PACKETS : watchFor(allow);
  if (allow === null) return NEXT;
  if (!allow.levels.includes(inspector.level)) return endWith(REASON["version-not-allowed"]);
  if (inspector.willQos > allow.qosMax) return endWith(REASON["qos-not-allowed"]);
  if (inspector.willRetain && !allow.retain) return endWith(REASON["retain-not-allowed"]);
  return NEXT;
}

/** A piece of what a client sent. */
export interface Piece {
  readonly offset: number;
  readonly length: number;
}

/**
 * Looks at the publishes of a client before they go on.
 * @param publishesMax how many may go on
 * @returns how many bytes may; the guard has the verdict
 */
export function scanPublishes(
  context: RelayContext,
  connection: number,
  { offset, length }: Piece,
  publishesMax: number,
): number {
  const { connections, guard, io, tracker } = context;
  const watch = connections.watch[connection]!;
  const { scan } = guard;
  scan.qosMax = qosMaxOf(watch);
  scan.allowsRetain = (watch & FORBIDS_RETAIN) === 0;
  scan.publishesMax = publishesMax;
  const position = tracker.position(clientSlot(connection));
  const passing = scan.run(position, io.bytes, offset, length);
  guard.verdict = violation(scan.outcome);
  return passing;
}

function violation(outcome: number): number {
  if (outcome === QOS_TOO_HIGH) return endWith(REASON["qos-not-allowed"]);
  return outcome === RETAINED ? endWith(REASON["retain-not-allowed"]) : STAY;
}
