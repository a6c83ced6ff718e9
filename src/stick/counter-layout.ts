// Where the counters of one entry of a counter table lie: int32 words, one after the other, only
// those that the table stores.
//
//   plain   ┌───────┐   bytes   ┌─────┬──────┐   rate   ┌───────┬─────────┬──────────┐
//           │ count │           │ low │ high │          │ began │ current │ previous │
//           └───────┘           └─────┴──────┘          └───────┴─────────┴──────────┘
//
// Pure arithmetic over the table's settings.

import { assert } from "../assert.ts";
import { STORED_FIELDS, type StoredField } from "../rules/counter-fields.ts";
import { WINDOW_WORDS } from "./sliding-window.ts";

/** A counter that a table stores. */
export interface StoredCounter {
  readonly field: StoredField;
  /** Of a rate: the period it is counted over. Of anything else 0. */
  readonly periodMs: number;
}

export const PLAIN = 1;
/** 53 bits: what a Number counts exactly. */
export const BYTES = 2;
export const RATE = 3;

export interface CounterLayout {
  /** By field number: where it begins in an entry, or -1. */
  readonly offsets: readonly number[];
  /** By field number: PLAIN, BYTES or RATE. */
  readonly kinds: readonly number[];
  /** By field number: the period of a rate, else 0. */
  readonly periodsMs: readonly number[];
  /** By field number: the rate that counts what this field counts, or -1. */
  readonly rates: readonly number[];
  readonly entryWords: number;
}

const RATES: Readonly<Partial<Record<StoredField, StoredField>>> = {
  conn_cnt: "conn_rate",
  sess_cnt: "sess_rate",
  gpc0: "gpc0_rate",
  gpc1: "gpc1_rate",
  bytes_in_cnt: "bytes_in_rate",
  bytes_out_cnt: "bytes_out_rate",
};

export function layoutOf(stored: readonly StoredCounter[]): CounterLayout {
  const offsets = STORED_FIELDS.map(() => -1);
  const periodsMs = STORED_FIELDS.map(() => 0);
  const kinds = STORED_FIELDS.map(kindOf);
  let entryWords = 0;
  for (const { field, periodMs } of stored) {
    const number = STORED_FIELDS.indexOf(field);
    assert(offsets[number] === -1, "a counter is stored once");
    assert(kinds[number] !== RATE || periodMs > 0, "a rate has a period");
    offsets[number] = entryWords;
    periodsMs[number] = periodMs;
    entryWords += wordsOf(kinds[number]!);
  }
  const rates = STORED_FIELDS.map((field) => {
    const rate = RATES[field];
    return rate === undefined ? -1 : STORED_FIELDS.indexOf(rate);
  });
  return { offsets, kinds, periodsMs, rates, entryWords };
}

function kindOf(field: StoredField): number {
  if (field.endsWith("_rate")) return RATE;
  return field.startsWith("bytes_") || field.endsWith("_meter") ? BYTES : PLAIN;
}

function wordsOf(kind: number): number {
  return kind === RATE ? WINDOW_WORDS : kind;
}
