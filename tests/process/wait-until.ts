// Waiting for something to become true in another process, with an end to it.

import { setTimeout as sleep } from "node:timers/promises";

const PAUSE_MS = 20;
/** Counted, not timed: while this process stands still, its patience does not run out. */
const TRIES_MAX = 6_000;

/**
 * Asks again and again until `ask` gives something other than null, undefined or false.
 * @param what for the error: what was waited for
 * @returns what `ask` gave
 */
export async function waitUntil<T>(
  what: string,
  ask: () => T | Promise<T>,
): Promise<NonNullable<T>> {
  for (let i = 0; i < TRIES_MAX; i++) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    await sleep(PAUSE_MS);
  }
  throw new Error(`Asked ${TRIES_MAX} times in vain: ${what}`);
}
