import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLockedBy, lock } from "../bytes/spin-lock.ts";
import { makeStickKey, STICK_KEY_SIZE_MAX, type StickKey } from "./stick-key.ts";
import { blocksOf, SHARD_LOCK, stickShape } from "./stick-memory.ts";
import { createStickTable, StickTable } from "./stick-table.ts";

const CONTROL_PLANE = -1;

function makeTable(entriesMax: number, expirySeconds = 1000) {
  const buffers = createStickTable({ entriesMax, expirySeconds, seed: 42 });
  return { buffers, table: new StickTable(buffers, 0) };
}

function keyOf(text: string | Uint8Array): StickKey {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return Object.assign(makeStickKey(), { bytes, offset: 0, length: bytes.length });
}

function look(table: StickTable, text: string | Uint8Array, now = 0): number {
  return table.lookup(keyOf(text), now) ? table.found.server : -1;
}

function put(table: StickTable, text: string | Uint8Array, server: number, now = 0): void {
  expect(table.store(keyOf(text), { server, identity: server * 1000 }, now)).toBe(true);
}

function removeServer(table: StickTable, server: number): number {
  return table.renumber((entry) => (entry.server === server ? -1 : entry.server));
}

/** A whole round of sweeping. @returns how many entries went */
function sweep(table: StickTable, now: number): number {
  let count = 0;
  for (let step = 0; step < table.sweepSteps; step++) count += table.sweep(step, now);
  return count;
}

describe("StickTable", () => {
  it("finds what was stored, for every worker, with the identity of its server", () => {
    const { buffers, table } = makeTable(10);
    put(table, "meter-1", 3);
    const other = new StickTable(buffers, 1);
    expect(look(other, "meter-1")).toBe(3);
    expect(other.found).toEqual({ server: 3, identity: 3000 });
    expect(look(other, "meter-2")).toBe(-1);
    put(other, "meter-1", 4);
    expect(look(table, "meter-1")).toBe(4);
    expect(table.count()).toBe(1);
  });

  it("tells keys apart by every byte, at every length up to the longest", () => {
    const { table } = makeTable(4000);
    const lengths = [0, 1, 35, 36, 37, 95, 96, 97, 156, 157, 1000, STICK_KEY_SIZE_MAX];
    const keys = lengths.map((length) => new Uint8Array(length).fill(0x61));
    for (const [i, key] of keys.entries()) put(table, key, i);
    for (const [i, key] of keys.entries()) {
      expect(look(table, key)).toBe(i);
      for (const at of [0, 20, 80, key.length - 1]) {
        const other = key.slice();
        if (at >= 0 && at < key.length) other[at] = 0x62;
        if (at >= 0 && at < key.length) expect(look(table, other)).toBe(-1);
      }
    }
    const listed = table.list(0, 1000).sort((a, b) => a.server - b.server);
    expect(listed.map(({ key }) => key)).toEqual(keys);
  });

  it("takes the key from the middle of other bytes", () => {
    const { table } = makeTable(10);
    const bytes = new TextEncoder().encode("xxmeter-1yy");
    table.store({ bytes, offset: 2, length: 7 }, { server: 5, identity: 1 }, 0);
    expect(look(table, "meter-1")).toBe(5);
  });

  it("keeps an entry for its expiry after its last use, and not longer", () => {
    const { table } = makeTable(10, 30);
    put(table, "a", 1, 100);
    expect(look(table, "a", 129)).toBe(1);
    expect(look(table, "a", 158)).toBe(1);
    expect(look(table, "a", 188)).toBe(-1);
    expect(table.count()).toBe(0);
  });

  it("gives up the entry used longest ago when it is full, and counts it", () => {
    const { table } = makeTable(3);
    for (const [i, key] of ["a", "b", "c"].entries()) put(table, key, i, i);
    expect(look(table, "a", 3)).toBe(0);
    put(table, "d", 3, 4);
    expect(table.evicted).toBe(1);
    expect(["a", "b", "c", "d"].map((key) => look(table, key, 5))).toEqual([0, -1, 2, 3]);
    expect(table.evictions()).toBe(1);
  });

  it("makes room for a key of any length, even if all others must go", () => {
    const { table } = makeTable(100);
    for (let i = 0; i < 100; i++) put(table, `${"x".repeat(500)}${i}`, i);
    const longest = new Uint8Array(STICK_KEY_SIZE_MAX).fill(1);
    put(table, longest, 7);
    expect(look(table, longest)).toBe(7);
    expect(table.evicted).toBe(99 + 1);
    put(table, "short", 8);
    expect(look(table, "short")).toBe(8);
  });

  it("sweeps what has expired, and only that, in as many steps as its size wants", () => {
    const { table: large } = makeTable(20_000, 50);
    expect([makeTable(1000).table.sweepSteps, large.sweepSteps]).toEqual([1, 4 * 8]);
    for (let i = 0; i < 2_000; i++) put(large, `k${i}`, 1, i % 2 === 0 ? 0 : 20);
    expect([sweep(large, 50), large.count()]).toEqual([1_000, 1_000]);
    const { table } = makeTable(1000, 50);
    for (let i = 0; i < 500; i++) put(table, `k${i}`, 1, i < 300 ? 0 : 20);
    expect(sweep(table, 50)).toBe(300);
    expect(table.count()).toBe(200);
    expect(sweep(table, 50)).toBe(0);
  });

  it("forgets one key, one server's clients, everything", () => {
    const { table } = makeTable(100);
    for (let i = 0; i < 90; i++) put(table, `k${i}`, i % 3);
    expect(table.forget(keyOf("k0"))).toBe(true);
    expect(table.forget(keyOf("k0"))).toBe(false);
    expect(removeServer(table, 1)).toBe(30);
    expect(table.count()).toBe(59);
    expect(look(table, "k1")).toBe(-1);
    expect(look(table, "k2")).toBe(2);
    table.clear();
    expect(table.count()).toBe(0);
    put(table, "again", 2);
    expect(table.list(0, 10)).toHaveLength(1);
  });

  it("forgets a key that leads where somebody thinks, and no other", () => {
    const { table } = makeTable(10);
    put(table, "k", 2);
    expect(table.forgetIf(keyOf("k"), { server: 2, identity: 1 })).toBe(false);
    expect(table.forgetIf(keyOf("k"), { server: 1, identity: 2_000 })).toBe(false);
    expect(look(table, "k")).toBe(2);
    expect(table.forgetIf(keyOf("k"), { server: 2, identity: 2_000 })).toBe(true);
    expect(table.forgetIf(keyOf("k"), { server: 2, identity: 2_000 })).toBe(false);
  });

  it("follows servers to their new numbers by what they are", () => {
    const { table } = makeTable(100);
    for (let i = 0; i < 30; i++) put(table, `k${i}`, i % 3);
    // Server 0 is gone, 1 is now 0, 2 is now 1.
    const numbers = new Map([
      [1000, 0],
      [2000, 1],
    ]);
    expect(table.renumber(({ identity }) => numbers.get(identity) ?? -1)).toBe(10);
    expect(["k0", "k1", "k2"].map((key) => look(table, key))).toEqual([-1, 0, 1]);
  });

  it("lists at most as many as asked, without the expired", () => {
    const { table } = makeTable(100, 10);
    for (let i = 0; i < 20; i++) put(table, `k${i}`, 1, i < 5 ? 0 : 5);
    expect(table.list(10, 100)).toHaveLength(15);
    expect(table.list(6, 7)).toHaveLength(7);
    expect(table.list(6, 1)[0]!.expiresInSeconds).toBeGreaterThan(0);
  });

  it("uses memory of entries that come and go again and again", () => {
    const { table } = makeTable(50);
    for (let i = 0; i < 5000; i++) put(table, `${"y".repeat(i % 400)}-${i}`, i & 7);
    expect(table.count()).toBe(50);
    expect(table.evictions()).toBe(4950);
  });

  it("misses rather than hangs where a thread died inside, and is emptied there", () => {
    const { buffers, table } = makeTable(10);
    put(table, "a", 1);
    const words = new Int32Array(buffers.memory);
    lock(words, SHARD_LOCK, 1);
    expect(look(table, "a")).toBe(-1);
    const controlPlane = new StickTable(buffers, CONTROL_PLANE);
    expect(controlPlane.forgetWorker(0)).toBe(0);
    expect(isLockedBy(words, SHARD_LOCK, 1)).toBe(true);
    expect(controlPlane.forgetWorker(1)).toBe(1);
    expect(table.count()).toBe(0);
    put(table, "a", 2);
    expect(look(table, "a")).toBe(2);
  });
});

describe("an entry that a connection holds", () => {
  const hold = (table: StickTable, text: string, holder: number, now = 0) =>
    table.store(keyOf(text), { server: 1, identity: 1 }, now, holder);

  it("does not expire before it is released, and then after its own time", () => {
    const { table } = makeTable(10, 100);
    hold(table, "meter", 7);
    expect(table.list(5_000, 9).map(({ expiresInSeconds }) => expiresInSeconds)).toEqual([100]);
    expect(sweep(table, 5_000)).toBe(0);
    expect(table.release(keyOf("meter"), 7, 30, 5_000)).toBe(true);
    expect(table.list(5_010, 9).map(({ expiresInSeconds }) => expiresInSeconds)).toEqual([20]);
    expect(look(table, "meter", 5_029)).toBe(1);
    expect(look(table, "meter", 5_058)).toBe(1);
    expect(look(table, "meter", 5_088)).toBe(-1);
  });

  it("lives no longer than the table's expiry, and not at all for no time", () => {
    const { buffers, table } = makeTable(10, 100);
    hold(table, "long", 7);
    hold(table, "none", 8);
    table.release(keyOf("long"), 7, 0xff_ff_ff_ff, 0);
    table.release(keyOf("none"), 8, 0, 0);
    expect(table.list(0, 9).map(({ expiresInSeconds }) => expiresInSeconds)).toEqual([100]);
    const settings = { ...buffers.settings, expirySeconds: 40 };
    expect(look(new StickTable({ ...buffers, settings }, 0), "long", 40)).toBe(-1);
  });

  it("is left alone by whoever held it before", () => {
    const { table } = makeTable(10, 100);
    hold(table, "meter", 7);
    hold(table, "meter", 8);
    expect(table.release(keyOf("meter"), 7, 0, 0)).toBe(false);
    expect(look(table, "meter", 1_000)).toBe(1);
    put(table, "meter", 2, 1_000);
    expect(table.release(keyOf("meter"), 8, 0, 1_000)).toBe(false);
    expect(look(table, "meter", 1_099)).toBe(2);
    expect(look(table, "meter", 1_199)).toBe(-1);
  });

  it("makes room after the others, so that the table stays bounded", () => {
    const { table } = makeTable(3, 100);
    hold(table, "held", 7);
    for (let i = 0; i < 5; i++) put(table, `free-${i}`, 2);
    expect(look(table, "held")).toBe(1);
    for (let i = 0; i < 20; i++) hold(table, `held-${i}`, 10 + i);
    expect(table.count()).toBe(3);
  });

  it("does not keep those that expire behind it", () => {
    const { table } = makeTable(10, 100);
    hold(table, "held", 7);
    put(table, "free", 2, 1);
    put(table, "new", 3, 200);
    expect(table.count()).toBe(2);
    expect(look(table, "held", 200)).toBe(1);
  });

  it("is released for those who are gone", () => {
    const { table } = makeTable(10, 100);
    hold(table, "gone", 7);
    hold(table, "there", 8);
    table.releaseWhere((holder) => holder === 7, 500);
    expect(look(table, "gone", 599)).toBe(1);
    expect(look(table, "gone", 699)).toBe(-1);
    expect(look(table, "there", 9_999)).toBe(1);
  });
});

/** The table as anybody would write it without a limit on memory layout: a Map in order of use. */
class NaiveTable {
  private readonly entries = new Map<string, { server: number; usedAt: number }>();
  private readonly entriesMax: number;
  private readonly blocksMax: number;
  private readonly expirySeconds: number;

  constructor(entriesMax: number, expirySeconds: number) {
    this.entriesMax = entriesMax;
    this.blocksMax = stickShape(entriesMax).blocks;
    this.expirySeconds = expirySeconds;
  }

  get size(): number {
    return this.entries.size;
  }

  lookup(key: string, now: number): number {
    const entry = this.entries.get(key);
    this.entries.delete(key);
    if (entry === undefined || now - entry.usedAt >= this.expirySeconds) return -1;
    this.entries.set(key, { ...entry, usedAt: now });
    return entry.server;
  }

  store(key: string, server: number, now: number): void {
    for (const [old, { usedAt }] of [...this.entries].slice(0, 2)) {
      if (now - usedAt < this.expirySeconds) break;
      this.entries.delete(old);
    }
    if (!this.entries.delete(key)) this.makeRoom(key);
    this.entries.set(key, { server, usedAt: now });
  }

  private makeRoom(key: string): void {
    const blocks = () => [...this.entries.keys()].reduce((sum, k) => sum + blocksOf(k.length), 0);
    while (this.entries.size >= this.entriesMax || blocks() + blocksOf(key.length) > this.blocksMax)
      this.entries.delete(this.entries.keys().next().value!);
  }

  forget(key: string): boolean {
    return this.entries.delete(key);
  }

  removeServer(server: number): number {
    const of = [...this.entries].filter(([, entry]) => entry.server === server);
    for (const [key] of of) this.entries.delete(key);
    return of.length;
  }
}

describe("StickTable beside a naive one", () => {
  const key = fc
    .tuple(fc.integer({ min: 0, max: 15 }), fc.constantFrom(0, 1, 20, 50, 90, 30_000))
    .map(([n, length]) => `${n.toString(16)}${"k".repeat(length)}`);
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant("lookup" as const), key }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant("store" as const), key }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("forget" as const), key }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("removeServer" as const), key }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), key }) },
  );

  it("gives the same answers for any sequence of uses", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(step, { maxLength: 200 }),
        (max, steps) => {
          const expiry = 20;
          const { table } = makeTable(max, expiry);
          const naive = new NaiveTable(max, expiry);
          let now = 0;
          for (const [i, { do: action, key: text }] of steps.entries()) {
            if (action === "wait") now += text.length % 13;
            if (action === "lookup") expect(look(table, text, now)).toBe(naive.lookup(text, now));
            if (action === "forget") expect(table.forget(keyOf(text))).toBe(naive.forget(text));
            if (action === "removeServer") {
              expect(removeServer(table, i % 4)).toBe(naive.removeServer(i % 4));
            }
            if (action === "store") {
              put(table, text, i % 4, now);
              naive.store(text, i % 4, now);
            }
            expect(table.count()).toBe(naive.size);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
