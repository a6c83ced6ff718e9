// What is looked at in the bytes of a connection: bits of `Connections.watch`. One byte for all of
// it, so that the pipe asks once; kept with the connection, whose plan may be gone before it.

import type { AllowPlan } from "../shm/plan.ts";

/** Nothing: bytes are relayed as they come. */
export const WATCH_NOTHING = 0;
/** Where packets begin, in both directions. */
export const WATCH_PACKETS = 1 << 0;
/** The client may publish with QoS 0 only. */
const FORBIDS_QOS_1 = 1 << 1;
/** The client may not publish with QoS 2. */
const FORBIDS_QOS_2 = 1 << 2;
/** The client may not publish retained messages. */
export const FORBIDS_RETAIN = 1 << 3;
/** What the client sends is metered: meters.ts. */
export const WATCH_METERS = 1 << 4;
/** How the client of a sticky table that follows sessions says goodbye. */
export const WATCH_GOODBYE = 1 << 5;

/** What a client whose packets are followed may not do. */
export function watchFor({ qosMax, retain }: AllowPlan): number {
  const qos1 = qosMax < 1 ? FORBIDS_QOS_1 : 0;
  const qos2 = qosMax < 2 ? FORBIDS_QOS_2 : 0;
  return WATCH_PACKETS | qos1 | qos2 | (retain ? 0 : FORBIDS_RETAIN);
}

/** The highest QoS that a client may publish with. */
export function qosMaxOf(watch: number): number {
  if ((watch & FORBIDS_QOS_1) !== 0) return 0;
  return (watch & FORBIDS_QOS_2) !== 0 ? 1 : 2;
}
