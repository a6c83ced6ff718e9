// How much of its weight and its limit a server has while it comes back: a sixteenth at first, all
// of it at the end, in steps of a twentieth of the time but no shorter than a second, as HAProxy
// has it. Pure.

const PARTS = 16;
const STEPS = 20;
const STEP_MS_MIN = 1000;

/** @returns sixteenths of what it has, 1 to 16, `elapsedMs` after the server came back */
export function rampedParts(elapsedMs: number, slowStartMs: number): number {
  if (elapsedMs >= slowStartMs) return PARTS;
  return Math.floor((PARTS * elapsedMs + slowStartMs) / slowStartMs);
}

/** @returns time until that is to be looked at again */
export function rampStepMs(slowStartMs: number): number {
  return Math.max(STEP_MS_MIN, slowStartMs / STEPS);
}
