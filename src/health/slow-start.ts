// How much of its weight a server has while it comes back: a sixteenth at first, all of it at the
// end, in steps of a twentieth of the time but no shorter than a second, as HAProxy has it. Pure.

const WEIGHT_PARTS = 16;
const STEPS = 20;
const STEP_MS_MIN = 1000;

/** @returns the weight `elapsedMs` after the server came back; at least 1 unless `weight` is 0 */
export function rampedWeight(weight: number, elapsedMs: number, slowStartMs: number): number {
  if (elapsedMs >= slowStartMs) return weight;
  const parts = Math.floor((WEIGHT_PARTS * elapsedMs + slowStartMs) / slowStartMs);
  return Math.ceil((weight * parts) / WEIGHT_PARTS);
}

/** @returns time until the weight is to be looked at again */
export function rampStepMs(slowStartMs: number): number {
  return Math.max(STEP_MS_MIN, slowStartMs / STEPS);
}

/** @returns what a server has of its weight in percent, as HAProxy's `throttle` */
export function throttlePercent(weightNow: number, weight: number): number {
  return weight === 0 ? 100 : Math.ceil((100 * weightNow) / weight);
}
