// What the keys of a table of counters may send, where their listener meters them. Types only; the
// meters themselves are counters of the table, and relay/meters.ts reads them.

/** Null: no limit. */
export interface MeterRates {
  readonly publishes: MeterRate | null;
  readonly bytes: MeterRate | null;
}

/** So many over a time, and as many at once. */
export interface MeterRate {
  readonly count: number;
  readonly periodMs: number;
}
