// A lock in one word of shared memory, for critical sections of a few hundred instructions.
//
// The word holds who has it, so that the control plane can free what a dead worker left locked.
// Bounded: whoever waits longer than about a second gives up and is told so; a caller must have
// something sensible to do without the lock. Not re-entrant, not fair. Inside, allocate nothing.

import { assert } from "../assert.ts";

const FREE = 0;
/** Tries before the thread sleeps: about as long as the longest section that is not preempted. */
const SPINS_MAX = 200;
/** One sleep: the holder was most likely preempted, and gets the core. */
const NAP_MS = 0.1;
const NAPS_MAX = 10_000;

/**
 * Takes the lock at `words[at]`.
 * @param owner a worker number, or -1 for the control plane
 * @returns false when it stayed taken for so long that its holder must be dead
 */
export function lock(words: Int32Array, at: number, owner: number): boolean {
  const mark = markOf(owner);
  for (let spin = 0; spin < SPINS_MAX; spin++) {
    if (Atomics.load(words, at) !== FREE) continue;
    if (Atomics.compareExchange(words, at, FREE, mark) === FREE) return true;
  }
  for (let nap = 0; nap < NAPS_MAX; nap++) {
    const holder = Atomics.compareExchange(words, at, FREE, mark);
    if (holder === FREE) return true;
    assert(holder !== mark, "a lock is not taken twice by one thread");
    Atomics.wait(words, at, holder, NAP_MS);
  }
  return false;
}

export function unlock(words: Int32Array, at: number, owner: number): void {
  assert(isLockedBy(words, at, owner), "only its holder frees a lock");
  Atomics.store(words, at, FREE);
}

/** Whether `owner` holds it, for the control plane: a worker that ended frees nothing itself. */
export function isLockedBy(words: Int32Array, at: number, owner: number): boolean {
  return Atomics.load(words, at) === markOf(owner);
}

function markOf(owner: number): number {
  assert(owner >= -1, "an owner is a worker or the control plane");
  return owner + 2;
}
