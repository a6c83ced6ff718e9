// The names by which counters of a table are read and changed, behind `sc0_`, `src_` and `table_`,
// and what each does. Facts, and one line of work each; pure.

import { type CounterField, counterNumber } from "./counter-fields.ts";
import type { CounterStore, KeyBytes } from "./subject.ts";

export interface Reading {
  readonly doc: string;
  /** The count is divided by two to this power: `kbytes_in`. */
  readonly shift?: number;
  /** Whether it changes what it reads, which converters of HAProxy's `table_` do not. */
  readonly changes?: true;
  ofKey(store: CounterStore, key: KeyBytes, nowMs: number): number;
  ofEntry(store: CounterStore, handle: number, nowMs: number): number;
}

const read = (field: CounterField, doc: string, shift = 0): Reading => {
  const number = counterNumber(field);
  return {
    doc,
    shift,
    ofKey: (store, key, nowMs) => store.read(key, number, nowMs),
    ofEntry: (store, handle, nowMs) => store.readTracked(handle, number, nowMs),
  };
};
const add = (field: CounterField, doc: string): Reading => {
  const number = counterNumber(field);
  return {
    doc,
    changes: true,
    ofKey: (store, key, nowMs) => store.add(key, number, 1, nowMs),
    ofEntry: (store, handle, nowMs) => store.addTracked(handle, number, 1, nowMs),
  };
};
const clear = (field: CounterField, doc: string): Reading => {
  const number = counterNumber(field);
  return {
    doc,
    changes: true,
    ofKey: (store, key, nowMs) => store.set(key, number, 0, nowMs),
    ofEntry: (store, handle, nowMs) => store.setTracked(handle, number, 0, nowMs),
  };
};

export const COUNTER_READINGS: Readonly<Record<string, Reading>> = {
  conn_cur: read("conn_cur", "connections at this moment"),
  conn_cnt: read("conn_cnt", "connections ever"),
  conn_rate: read("conn_rate", "connections in the table's period"),
  sess_cnt: read("sess_cnt", "accepted connections ever"),
  sess_rate: read("sess_rate", "accepted connections in the table's period"),
  get_gpc0: read("gpc0", "general purpose counter 0"),
  get_gpc1: read("gpc1", "general purpose counter 1"),
  gpc0_rate: read("gpc0_rate", "rate of general purpose counter 0"),
  gpc1_rate: read("gpc1_rate", "rate of general purpose counter 1"),
  get_gpt0: read("gpt0", "general purpose tag 0"),
  kbytes_in: read("bytes_in_cnt", "kilobytes from the client", 10),
  kbytes_out: read("bytes_out_cnt", "kilobytes to the client", 10),
  bytes_in_rate: read("bytes_in_rate", "bytes from the client in the table's period"),
  bytes_out_rate: read("bytes_out_rate", "bytes to the client in the table's period"),
  inc_gpc0: add("gpc0", "general purpose counter 0, one more"),
  inc_gpc1: add("gpc1", "general purpose counter 1, one more"),
  clr_gpc0: clear("gpc0", "general purpose counter 0 before it is cleared"),
  clr_gpc1: clear("gpc1", "general purpose counter 1 before it is cleared"),
};
