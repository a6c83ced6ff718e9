// The clock that workers write times of: CLOCK_MONOTONIC, as process.hrtime reads it. Everything of
// theirs in shared memory is older or younger by it, whatever becomes of the clock on the wall.

/** Milliseconds. */
export function workerMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** What they count the age of entries of sticky tables in. */
export function workerSeconds(): number {
  return Number(process.hrtime.bigint() / 1_000_000_000n);
}
