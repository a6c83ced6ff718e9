// Numbers for what comes and goes with reloads: who stays keeps its number, who is new gets the
// smallest free one, and who is removed holds its number until it is freed.
//
// Pure and immutable, so that a reload that is refused in the end has changed nothing. Bounded by
// the places in shared memory, which are made once, at the start.

export interface Numbering {
  /** Who has which number, those who were removed included. */
  readonly numbers: ReadonlyMap<string, number>;
  /** Those who were removed. */
  readonly retired: ReadonlySet<string>;
}

export const NOBODY: Numbering = { numbers: new Map(), retired: new Set() };

/**
 * @param keys who is there from now on, each once
 * @param max the number of places
 * @returns null when there are too few places for them and for those who are not freed yet
 */
export function assignNumbers(
  before: Numbering,
  keys: readonly string[],
  max: number,
): Numbering | null {
  const wanted = new Set(keys);
  const retired = new Set([...before.numbers.keys()].filter((key) => !wanted.has(key)));
  const numbers = new Map(before.numbers);
  const taken = new Set(numbers.values());
  let next = 0;
  for (const key of wanted) {
    if (numbers.has(key)) continue;
    while (taken.has(next)) next++;
    if (next >= max) return null;
    numbers.set(key, next++);
  }
  return { numbers, retired };
}

/** Frees the numbers of some who were removed. */
export function freeNumbers(before: Numbering, keys: readonly string[]): Numbering {
  const freed = new Set(keys.filter((key) => before.retired.has(key)));
  return {
    numbers: new Map([...before.numbers].filter(([key]) => !freed.has(key))),
    retired: new Set([...before.retired].filter((key) => !freed.has(key))),
  };
}
