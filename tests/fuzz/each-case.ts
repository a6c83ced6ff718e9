// Runs a fuzz case for each seed; a failing one names its seed, and CASE_SEED=<seed> runs it alone.

import { Random } from "./random.ts";

/** True when one case is run again, and nothing can be said of all of them together. */
export const RUNS_ALONE = process.env["CASE_SEED"] !== undefined;

export function eachCase(cases: number, run: (random: Random) => void): void {
  const only = process.env["CASE_SEED"];
  for (let seed = Number(only ?? 1); seed <= Number(only ?? cases); seed++) {
    try {
      run(new Random(seed));
    } catch (error) {
      throw new Error(`Cannot pass fuzz case: CASE_SEED=${seed}`, { cause: error });
    }
  }
}
