// How long things took or how large they were, as counters: how many were within each bound, how
// many beyond the last one, and all of them together.
//
//   words  ┌──────────────┬───┬──────────────┬────────┬─────┐
//          │ ≤ bounds [0] │ … │ ≤ bounds [n] │ beyond │ sum │   one writer, as all counters have
//          └──────────────┴───┴──────────────┴────────┴─────┘
//
// Each value is counted once, in the first bucket that it fits; readers add them up. Bounded by its
// bounds. No clock: times are arguments.

/** For what takes as long as a way through a network: reaching a server, its answer. */
export const SHORT_BOUNDS_MS: readonly number[] = [
  1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000,
];

/** For connections: a second, ten, a minute, ten, an hour, six, a day, a week. */
export const LONG_BOUNDS_MS: readonly number[] = [
  1_000, 10_000, 60_000, 600_000, 3_600_000, 21_600_000, 86_400_000, 604_800_000,
];

/** For code that runs while clients wait: ten microseconds to a tenth of a second. */
export const CALL_BOUNDS_MS: readonly number[] = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 100,
];

/** Keep alives: none, then what clients ask for, from ten seconds to five hours. */
export const KEEP_ALIVE_BOUNDS_SECONDS: readonly number[] = [
  0, 10, 30, 60, 120, 300, 600, 1_200, 3_600, 18_000,
];

/** Packets, as mqtt/framing.ts counts their sizes: 2, 4, 8 … 2^28 bytes. */
export const PACKET_SIZE_BOUNDS: readonly number[] = Array.from({ length: 28 }, (_, i) => 2 << i);

/** Words that a histogram takes. */
export function histogramWords(bounds: readonly number[]): number {
  return bounds.length + 2;
}

/** Counts one value in the words that begin at `start`. */
export function countValue(
  words: Float64Array,
  start: number,
  bounds: readonly number[],
  value: number,
): void {
  let bucket = 0;
  while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
  words[start + bucket]! += 1;
  words[start + bounds.length + 1]! += value;
}
