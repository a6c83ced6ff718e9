// What a histogram says in few words: within which bound a share of all values lies. Pure.

/** As the API has it: each value is counted in the first bucket that it fits. */
export interface Spread {
  readonly count: number;
  readonly sum: number;
  /** In their order; null: beyond every bound. */
  readonly buckets: readonly { readonly upTo: number | null; readonly count: number }[];
}

/** @param share 0 to 1. @returns `≤ 5 ms`, `more`, or `none yet` */
export function atMost(
  { count, buckets }: Spread,
  share: number,
  format: (bound: number) => string,
): string {
  let within = 0;
  for (const bucket of buckets) {
    within += bucket.count;
    if (within >= share * count) return bucket.upTo === null ? "more" : `≤ ${format(bucket.upTo)}`;
  }
  return "none yet";
}
