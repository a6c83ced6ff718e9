// How long things took, as counters: how many were within each bound, how many beyond the last one,
// and all times together.
//
//   words  ┌──────────────┬───┬──────────────┬────────┬─────┐
//          │ ≤ bounds [0] │ … │ ≤ bounds [n] │ beyond │ sum │   one writer, as all counters have
//          └──────────────┴───┴──────────────┴────────┴─────┘
//
// Each time is counted once, in the first bucket that it fits; readers add them up. Bounded by its
// bounds. No clock: times are arguments.

/** For what takes as long as a way through a network: reaching a server, its answer. */
export const SHORT_BOUNDS_MS: readonly number[] = [
  1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000,
];

/** For connections: a second, ten, a minute, ten, an hour, six, a day, a week. */
export const LONG_BOUNDS_MS: readonly number[] = [
  1_000, 10_000, 60_000, 600_000, 3_600_000, 21_600_000, 86_400_000, 604_800_000,
];

/** Words that a histogram takes. */
export function histogramWords(boundsMs: readonly number[]): number {
  return boundsMs.length + 2;
}

/** Counts one time in the words that begin at `start`. */
export function countTime(
  words: Float64Array,
  start: number,
  boundsMs: readonly number[],
  ms: number,
): void {
  let bucket = 0;
  while (bucket < boundsMs.length && ms > boundsMs[bucket]!) bucket++;
  words[start + bucket]! += 1;
  words[start + boundsMs.length + 1]! += ms;
}
