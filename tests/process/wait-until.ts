// Waiting for something to become true in another process, with an end to it.

import { setTimeout as sleep } from "node:timers/promises";

const PAUSE_MS = 20;
const PATIENCE_MS = 20_000;

/**
 * Asks again and again until `ask` gives something other than null, undefined or false.
 * @param what for the error: what was waited for
 * @returns what `ask` gave
 */
export async function waitUntil<T>(
  what: string,
  ask: () => T | Promise<T>,
  patienceMs: number = PATIENCE_MS,
): Promise<NonNullable<T>> {
  const tries = Math.ceil(patienceMs / PAUSE_MS);
  for (let i = 0; i < tries; i++) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    await sleep(PAUSE_MS);
  }
  throw new Error(`Waited ${patienceMs} ms in vain: ${what}`);
}
