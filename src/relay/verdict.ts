// What a stage answers: go on waiting, go to the next stage, or end the connection with a reason.
// Stages never close anything themselves; relay.ts does, in one place.

/** Nothing to do until the next event. */
export const STAY = 0;
/** This stage has what it needs. */
export const NEXT = 1;
/** The server has gone before it said a word: the client need not know, if another one is there. */
export const ANOTHER = 2;

/** Clients come faster than the pool or its servers take them: this one waits for its turn. */
export const TOO_FAST = 3;

/** Ends the connection with a reason of the catalogue (shm/close-reason.ts). Always negative. */
export function endWith(reason: number): number {
  return -1 - reason;
}

/** The reason in a negative verdict. */
export function reasonOf(verdict: number): number {
  return -1 - verdict;
}
