// What the simulated reactor says to a caller who breaks the contract of Io.

/** @throws when `condition`, which the contract asks of callers, does not hold */
export function check(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new Error(`Contract of Io broken: ${rule}`);
}
