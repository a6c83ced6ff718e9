// Rates that a reload changes: what was counted at the old one counts at the new one, so that
// nobody waits for a rate that is no more, or is let in twice.
//
// Changes the buckets that both plans have, while workers use them. Those of single servers are
// not among them: pools with rates of their own may share a server.

import type { Plan, SharedRatePlan } from "../shm/plan.ts";
import { changeRate } from "../shm/token-bucket.ts";

type Rated = Pick<Plan, "listeners" | "pools" | "accepts">;

/** @param nowMs of the clock of workers */
export function changeRates(before: Rated, now: Rated, nowMs: number): void {
  const shapes = new Map(ratesOf(before).map(({ memory, rate }) => [memory, rate]));
  for (const { memory, rate } of ratesOf(now)) {
    const old = shapes.get(memory);
    if (old !== undefined) changeRate(new Int32Array(memory), 0, old, rate, nowMs);
  }
}

function ratesOf({ listeners, pools, accepts }: Rated): SharedRatePlan[] {
  const rates = listeners.flatMap((listener) => [listener.handshakes, listener.accepts]);
  rates.push(accepts?.all ?? null, accepts?.tls ?? null);
  for (const { admission } of pools) {
    const rate = admission?.rate ?? null;
    if (admission !== null && rate !== null) rates.push({ rate, memory: admission.memory });
  }
  return rates.filter((rate) => rate !== null);
}
