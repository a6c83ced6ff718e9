// What the simulated network and reactor do wrong, and how often. Rates are probabilities, 0 to 1,
// of one chance each: per segment, per connect, per completion.

import { Random32 } from "../../src/bytes/random32.ts";

export interface Faults {
  // The network

  /** A segment, a connect or an end is under way for up to so many milliseconds. */
  readonly latencyMaxMs: number;
  /** What was written at once arrives in pieces. */
  readonly splitSegments: number;
  /** A segment is the last one: both ends see a reset instead. */
  readonly resets: number;
  /** Of all resets, those by a path that has gone silent: the kernel gives up on it. */
  readonly timedOutPaths: number;
  /** A reset destroys what had arrived and was not read. */
  readonly hardResets: number;
  readonly refusedConnects: number;
  /** A connect that is never answered. */
  readonly lostConnects: number;
  /** Kernel buffers of one direction, in bytes: each connection draws from this range. */
  readonly bufferMin: number;
  readonly bufferMax: number;

  // The reactor

  /** A connect that fails at once, for want of a port or a way. */
  readonly failedConnects: number;
  readonly acceptFailures: number;
  readonly shortReads: number;
  /** The kernel takes less than it could. */
  readonly shortWrites: number;
  /** Bytes that were taken cannot be sent after all, as a reactor of batches finds out later. */
  readonly lateSendFailures: number;
  /** A completion is told in a later turn. */
  readonly lateCompletions: number;
  /** The completions of a turn are told in any order. */
  readonly reordering: number;
  /** A slot is closed in a later turn, up to `closeDelayMaxMs` later. */
  readonly lateCloses: number;
  readonly closeDelayMaxMs: number;
  /** Deadlines come up to so many milliseconds late; never early. */
  readonly deadlineLatenessMs: number;
  /** The pool has no slab, although it has. */
  readonly dryPool: number;
  readonly spuriousWakes: number;
  /** The thread does not run for up to `stallMaxMs` while the world goes on. */
  readonly stalls: number;
  readonly stallMaxMs: number;
}

/** Everything works, at once. */
export const NO_FAULTS: Faults = {
  latencyMaxMs: 0,
  splitSegments: 0,
  resets: 0,
  timedOutPaths: 0,
  hardResets: 0,
  refusedConnects: 0,
  lostConnects: 0,
  bufferMin: 64 * 1024,
  bufferMax: 64 * 1024,
  failedConnects: 0,
  acceptFailures: 0,
  shortReads: 0,
  shortWrites: 0,
  lateSendFailures: 0,
  lateCompletions: 0,
  reordering: 0,
  lateCloses: 0,
  closeDelayMaxMs: 0,
  deadlineLatenessMs: 0,
  dryPool: 0,
  spuriousWakes: 0,
  stalls: 0,
  stallMaxMs: 0,
};

/** Dice of a simulation: everything that happens by chance is drawn from one seeded stream. */
export class Dice extends Random32 {
  /** True once in `1 / rate` times. */
  chance(rate: number): boolean {
    return rate > 0 && this.below(1_000_000) < rate * 1_000_000;
  }

  /** An integer from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  shuffle<Item>(items: Item[]): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
  }
}

/** Draws a world: some seeds have all faults, some a few, some none. */
export function drawFaults(dice: Dice): Faults {
  const rate = (most: number): number => (dice.chance(0.4) ? (most * dice.below(1000)) / 1000 : 0);
  const bufferMin = dice.pick([256, 1024, 16 * 1024]);
  return {
    latencyMaxMs: dice.pick([0, 1, 5, 40]),
    splitSegments: rate(0.8),
    resets: rate(0.03),
    timedOutPaths: rate(1),
    hardResets: rate(1),
    refusedConnects: rate(0.3),
    lostConnects: rate(0.15),
    bufferMin,
    bufferMax: bufferMin * dice.pick([1, 4, 16]),
    failedConnects: rate(0.1),
    acceptFailures: rate(0.2),
    shortReads: rate(0.8),
    shortWrites: rate(0.8),
    lateSendFailures: rate(0.01),
    lateCompletions: rate(0.5),
    reordering: rate(1),
    lateCloses: rate(0.8),
    closeDelayMaxMs: dice.pick([1, 20, 100]),
    deadlineLatenessMs: dice.pick([0, 16]),
    dryPool: rate(0.1),
    spuriousWakes: rate(0.1),
    stalls: rate(0.1),
    stallMaxMs: dice.pick([5, 50]),
  };
}
