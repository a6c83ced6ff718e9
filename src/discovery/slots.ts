// Which place has which slot: servers keep their slot as long as they are there, new ones take the
// first that is free. So a server keeps its name, its number and its clients while others come and
// go. Pure; bounded by the number of slots, further places wait for one to be free.

import { type DnsRecord, recordKey } from "./dns-answer.ts";

export class Slots {
  private readonly held: (DnsRecord | null)[];
  /** Places without a slot, after the latest `fill`. */
  overflow = 0;

  constructor(count: number) {
    this.held = Array.from({ length: count }, () => null);
  }

  /** Who has each slot; null: nobody. */
  get records(): readonly (DnsRecord | null)[] {
    return this.held;
  }

  /** @returns whether anything changed: a place, or the weight of one */
  fill(records: readonly DnsRecord[]): boolean {
    const before = JSON.stringify(this.held);
    const there = new Map(records.map((record) => [recordKey(record), record]));
    for (const [slot, record] of this.held.entries()) {
      const key = record === null ? null : recordKey(record);
      const now = key === null ? undefined : there.get(key);
      this.held[slot] = now ?? null;
      if (key !== null) there.delete(key);
    }
    const fresh = [...there.values()];
    for (const [slot, record] of this.held.entries()) {
      if (record === null) this.held[slot] = fresh.shift() ?? null;
    }
    this.overflow = fresh.length;
    return JSON.stringify(this.held) !== before;
  }
}
