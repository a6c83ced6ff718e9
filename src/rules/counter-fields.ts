// The counters of a table entry, by the names that HAProxy stores them under; their positions are
// the field numbers of CounterStore, here and in stick/counter-table.ts. Facts only, pure.

export const COUNTER_FIELDS = [
  "conn_cur",
  "conn_cnt",
  "conn_rate",
  "sess_cnt",
  "sess_rate",
  "gpc0",
  "gpc0_rate",
  "gpc1",
  "gpc1_rate",
  "gpt0",
  "bytes_in_cnt",
  "bytes_in_rate",
  "bytes_out_cnt",
  "bytes_out_rate",
] as const;
export type CounterField = (typeof COUNTER_FIELDS)[number];

/** Meters of limits by key: when all that was sent will have been paid for. Rules know none. */
export const METER_FIELDS = ["publish_meter", "byte_meter"] as const;

/** All that an entry may hold; positions are field numbers. */
export const STORED_FIELDS = [...COUNTER_FIELDS, ...METER_FIELDS] as const;
export type StoredField = (typeof STORED_FIELDS)[number];

export function counterNumber(field: StoredField): number {
  return STORED_FIELDS.indexOf(field);
}
