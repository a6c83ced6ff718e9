// The keys that connections track: which table, and which entry of it. Rules have the slots `sc0`
// to `sc2`, limits by key those behind them.
//
// One object for all connections of a worker; `point` says which connection is meant. Over shared
// memory, so that the control plane can release what a worker that died had tracked. Bounded by
// the count of connections. Pure.

import { assert } from "../assert.ts";

/** Slots of rules: `sc0`, `sc1` and `sc2`. */
export const TRACKED_MAX = 3;
/** All slots: one more for each key that a listener's limits go by. */
export const SLOTS_MAX = TRACKED_MAX + 5;

const WORDS = 2 * SLOTS_MAX;

/** @returns zeroed memory for so many connections: nothing is tracked */
export function createTrackedMemory(connectionsMax: number): SharedArrayBuffer {
  return new SharedArrayBuffer(connectionsMax * WORDS * 8);
}

/** Per connection: table numbers, plus one each, then handles. */
export class TrackedSlots {
  private readonly words: Float64Array;
  private at = 0;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Float64Array(memory);
  }

  get connectionsMax(): number {
    return this.words.length / WORDS;
  }

  /** @param connection the row that is meant from now on */
  point(connection: number): this {
    assert(connection >= 0 && connection < this.connectionsMax, "a connection of this worker");
    this.at = connection * WORDS;
    return this;
  }

  /** @returns the table that a slot tracks a key of, or -1 */
  tableOf(slot: number): number {
    return this.words[this.at + slot]! - 1;
  }

  /** @returns the handle of the tracked entry; 0 when there is none */
  handleOf(slot: number): number {
    return this.words[this.at + SLOTS_MAX + slot]!;
  }

  /** A slot tracks one key for the life of its connection; the first one stays. */
  set(slot: number, table: number, handle: number): void {
    assert(this.tableOf(slot) < 0 && handle > 0, "a slot is tracked once");
    this.words[this.at + SLOTS_MAX + slot] = handle;
    this.words[this.at + slot] = table + 1;
  }

  /** After the entry was released. */
  clear(slot: number): void {
    this.words[this.at + slot] = 0;
    this.words[this.at + SLOTS_MAX + slot] = 0;
  }
}
