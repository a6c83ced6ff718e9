// How many clients may go at a moment, at a rate: evenly on the whole, irregularly in detail, so
// that those who go do not all come back in step. Pure but for the dice it is given.

import { assert } from "../assert.ts";

/** Looks are no closer together than this, whatever the rate. */
const LOOK_EVERY_MS_MIN = 20;
const LOOK_EVERY_MS_MAX = 1_000;
/** What could not go in this time is not made up for at once. */
const CREDIT_MS_MAX = 1_000;

export interface PaceSettings {
  readonly ratePerSecond: number;
  /** How irregular the looks are: 0 to 100 percent of the time between them. */
  readonly jitterPercent: number;
}

export class Pace {
  readonly #settings: PaceSettings;
  readonly #random: () => number;
  #atMs: number;
  /** Clients that may go and have not, in parts too. */
  #credit = 0;

  /** @param random 0 to below 1, as Math.random */
  constructor(settings: PaceSettings, random: () => number, nowMs: number) {
    assert(settings.ratePerSecond > 0, "a pace goes on");
    this.#settings = settings;
    this.#random = random;
    this.#atMs = nowMs;
  }

  /** How many may go now, at most `wanted`; they are taken to have gone. */
  take(nowMs: number, wanted: number): number {
    const { ratePerSecond } = this.#settings;
    const passedMs = Math.max(0, nowMs - this.#atMs);
    this.#atMs = nowMs;
    const creditMax = Math.max(1, (ratePerSecond * CREDIT_MS_MAX) / 1_000);
    this.#credit = Math.min(creditMax, this.#credit + (ratePerSecond * passedMs) / 1_000);
    const count = Math.max(0, Math.min(Math.floor(this.#credit), wanted));
    this.#credit -= count;
    return count;
  }

  /** Milliseconds until it makes sense to ask again. */
  nextLookMs(): number {
    const { ratePerSecond, jitterPercent } = this.#settings;
    const evenMs = 1_000 / ratePerSecond;
    const lookMs = Math.min(LOOK_EVERY_MS_MAX, Math.max(LOOK_EVERY_MS_MIN, evenMs));
    return lookMs * (1 + (jitterPercent / 100) * (2 * this.#random() - 1));
  }
}

/**
 * Shares a number out in proportion.
 * @param shares none below 0. @returns whole numbers whose sum is `count`, if any share is above 0
 */
export function shareOut(count: number, shares: readonly number[]): number[] {
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (total === 0) return shares.map(() => 0);
  let sharesSeen = 0;
  let given = 0;
  return shares.map((share) => {
    sharesSeen += share;
    const upToHere = Math.round((count * sharesSeen) / total);
    const part = upToHere - given;
    given = upToHere;
    return part;
  });
}
