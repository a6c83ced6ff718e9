import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeCounterTable } from "../../tests/fixtures/rule-subject.ts";
import { isLockedBy, lock } from "../bytes/spin-lock.ts";
import { counterNumber } from "../rules/counter-fields.ts";
import { NOT_STORED } from "./counter-cells.ts";
import { CounterTable, createCounterTable } from "./counter-table.ts";
import type { StickKey } from "./stick-key.ts";
import { SHARD_LOCK } from "./stick-memory.ts";

const GPC0 = counterNumber("gpc0");
const GPC0_RATE = counterNumber("gpc0_rate");
const CURRENT = counterNumber("conn_cur");
const EVER = counterNumber("conn_cnt");
const RATE = counterNumber("conn_rate");
const BYTES_IN = counterNumber("bytes_in_cnt");

const keyOf = (text: string): StickKey => {
  const bytes = new TextEncoder().encode(`-${text}`);
  return { bytes, offset: 1, length: bytes.length - 1 };
};

describe("CounterTable", () => {
  it("counts connections while they last, and ever", () => {
    const table = makeCounterTable();
    const handles = [1000, 1001, 1002].map((nowMs) => table.track(keyOf("a"), nowMs));
    const read = (field: number) => table.read(keyOf("a"), field, 1010);
    expect([read(CURRENT), read(EVER), read(RATE)]).toEqual([3, 3, 3]);
    table.release(handles[0]!, 1003);
    expect([read(CURRENT), table.readTracked(handles[1]!, EVER, 1010)]).toEqual([2, 3]);
    expect(new TextDecoder().decode(table.trackedKey(handles[1]!)!)).toBe("a");
    expect([table.count(), table.has(keyOf("a"), 1010), table.has(keyOf("b"), 1010)]).toEqual([
      ...[1, true, false],
    ]);
  });

  it("adds, sets and reads by key and by handle", () => {
    const table = makeCounterTable();
    expect(table.add(keyOf("k"), GPC0, 5, 1000)).toBe(5);
    const handle = table.track(keyOf("k"), 1000);
    expect([
      table.addTracked(handle, GPC0, 2, 1000),
      table.read(keyOf("k"), GPC0_RATE, 1000),
    ]).toEqual([...[7, 7]]);
    expect([table.set(keyOf("k"), GPC0, 0, 1000), table.setTracked(handle, GPC0, 9, 1000)]).toEqual(
      [...[7, 0]],
    );
    expect([table.read(keyOf("k"), GPC0, 1000), table.set(keyOf("none"), GPC0, 1, 1000)]).toEqual([
      ...[9, 0],
    ]);
    expect(table.count()).toBe(1);
  });

  it("sweeps keys that have expired, but none that is held", () => {
    const table = makeCounterTable({ entriesMax: 20_000, expiryMs: 1_000 });
    const handle = table.track(keyOf("held"), 1_000);
    for (let i = 0; i < 500; i++) table.add(keyOf(`k${i}`), GPC0, 1, 1_000 + (i % 2) * 500);
    const sweep = (nowMs: number) => {
      let count = 0;
      for (let step = 0; step < table.sweepSteps; step++) count += table.sweep(step, nowMs);
      return count;
    };
    expect([sweep(2_000), sweep(2_200), sweep(2_200), table.count()]).toEqual([0, 250, 0, 251]);
    table.release(handle, 2_200);
    expect([sweep(4_000), table.count()]).toEqual([251, 0]);
  });

  it("counts bytes beyond 32 bits", () => {
    const table = makeCounterTable();
    for (let i = 0; i < 5; i++) table.add(keyOf("k"), BYTES_IN, 3_000_000_000, 1000);
    expect(table.read(keyOf("k"), BYTES_IN, 1000)).toBe(15_000_000_000);
  });

  it("says what it does not store", () => {
    const table = makeCounterTable({ counters: [{ field: "conn_cur", periodMs: 0 }] });
    const handle = table.track(keyOf("k"), 1000);
    expect([table.read(keyOf("k"), GPC0, 1000), table.addTracked(handle, GPC0, 1, 1000)]).toEqual([
      ...[NOT_STORED, NOT_STORED],
    ]);
    expect(table.read(keyOf("k"), CURRENT, 1000)).toBe(1);
  });

  it("forgets what nobody counts, but not what is held", () => {
    const table = makeCounterTable({ expiryMs: 10_000 });
    table.add(keyOf("idle"), GPC0, 1, 1000);
    const handle = table.track(keyOf("held"), 1000);
    expect([table.has(keyOf("idle"), 10_900), table.has(keyOf("idle"), 11_200)]).toEqual([
      true,
      false,
    ]);
    expect(table.readTracked(handle, EVER, 99_000)).toBe(1);
    table.release(handle, 99_000);
    expect([
      table.read(keyOf("held"), EVER, 99_000),
      table.read(keyOf("held"), EVER, 120_000),
    ]).toEqual([...[1, 0]]);
    expect(table.track(keyOf("held"), 120_000)).toBeGreaterThan(0);
    expect(table.read(keyOf("held"), EVER, 120_000)).toBe(1);
  });

  it("starts a key anew with zeros, whatever the entry counted before", () => {
    const table = makeCounterTable({ entriesMax: 1 });
    table.add(keyOf("one"), GPC0, 50, 1000);
    table.add(keyOf("two"), EVER, 1, 1100);
    expect([table.read(keyOf("two"), GPC0, 1100), table.has(keyOf("one"), 1100)]).toEqual([
      0,
      false,
    ]);
    expect(table.evictions()).toBe(1);
  });

  it("makes room by the key used longest ago, if it is not held, and says when it cannot", () => {
    const table = makeCounterTable({ entriesMax: 3 });
    const first = table.track(keyOf("held"), 1000);
    table.add(keyOf("old"), GPC0, 1, 1100);
    table.add(keyOf("young"), GPC0, 1, 1200);
    expect(table.track(keyOf("new"), 1300)).toBeGreaterThan(0);
    const known = ["held", "old", "young", "new"].map((key) => table.has(keyOf(key), 1300));
    expect(known).toEqual([true, false, true, true]);
    table.track(keyOf("young"), 1400);
    expect(table.track(keyOf("more"), 1500)).toBe(0);
    expect(table.add(keyOf("more"), GPC0, 1, 1500)).toBe(0);
    table.release(first, 1600);
    expect(table.track(keyOf("more"), 1700)).toBeGreaterThan(0);
  });

  it("forgets on demand, but never what is held", () => {
    const table = makeCounterTable();
    table.add(keyOf("a"), GPC0, 1, 1000);
    const handle = table.track(keyOf("b"), 1000);
    expect(["a", "b", "c"].map((key) => table.forget(keyOf(key), 1000))).toEqual([
      true,
      false,
      false,
    ]);
    table.release(handle, 1000);
    expect(table.forget(keyOf("b"), 1000)).toBe(true);
    expect(() => table.release(handle, 1000)).toThrow("as often as");
  });

  it("lists its entries", () => {
    const table = makeCounterTable({ expiryMs: 60_000 });
    table.track(keyOf("a"), 1000);
    table.add(keyOf("b"), GPC0, 4, 1000);
    const listed = table.list(2000, 10).toSorted((a, b) => b.held - a.held);
    expect(
      listed.map(({ key, held, counts }) => [Buffer.from(key).toString(), held, counts.gpc0]),
    ).toEqual([
      ["a", 1, 0],
      ["b", 0, 4],
    ]);
    expect(listed[1]!.expiresInMs).toBe(59_000);
    expect(table.list(2000, 1)).toHaveLength(1);
  });

  it("counts the entries that are over a value, and shows the one of a key", () => {
    const table = makeCounterTable({ expiryMs: 60_000 });
    for (const [i, key] of ["a", "b", "c"].entries()) table.add(keyOf(key), GPC0, i, 1000);
    const over = { field: "gpc0", value: 0 } as const;
    expect(table.list(2000, 1, over)).toHaveLength(1);
    expect([table.countOver(2000, over), table.countOver(70_000, over)]).toEqual([2, 0]);
    const entry = table.entryOf(keyOf("c"), 2000);
    expect(entry).toMatchObject({ held: 0, expiresInMs: 59_000, counts: { gpc0: 2 } });
    expect(Buffer.from(entry!.key).toString()).toBe("c");
    expect(table.entryOf(keyOf("c"), 3000)!.expiresInMs).toBe(58_000);
    expect([table.entryOf(keyOf("d"), 2000), table.entryOf(keyOf("c"), 70_000)]).toEqual([
      null,
      null,
    ]);
    expect(table.count()).toBe(3);
  });

  it("starts a shard anew in which a worker died; handles of before mean nothing", () => {
    const buffers = createCounterTable({
      ...{ entriesMax: 10, expiryMs: 1000, seed: 1 },
      counters: [{ field: "conn_cur", periodMs: 0 }],
    });
    const table = new CounterTable(buffers, 0);
    const handle = table.track(keyOf("a"), 1000);
    lock(new Int32Array(buffers.keys), SHARD_LOCK, 3);
    const control = new CounterTable(buffers, -1);
    expect([control.forgetWorker(2), control.forgetWorker(3)]).toEqual([0, 1]);
    expect(table.count()).toBe(0);
    const other = table.track(keyOf("b"), 1000);
    table.release(handle, 1000);
    expect([table.readTracked(handle, CURRENT, 1000), table.trackedKey(handle)]).toEqual([0, null]);
    expect(table.readTracked(other, CURRENT, 1000)).toBe(1);
  });

  it("has meters that time pays off, for connections of one key together", () => {
    const counters = [{ field: "byte_meter", periodMs: 0 }] as const;
    const settings = { entriesMax: 8, expiryMs: 60_000, seed: 1, counters };
    const table = new CounterTable(createCounterTable(settings), 0);
    const meter = counterNumber("byte_meter");
    const [one, other] = [table.track(keyOf("a"), 1_000), table.track(keyOf("a"), 1_000)];
    expect(table.chargeTracked(one!, meter, 5_000_000_000, 1_000)).toBe(5_000_000_000);
    expect(table.chargeTracked(other!, meter, 1_000, 3_000)).toBe(4_998_001_000);
    expect(table.chargeTracked(one!, meter, 0, 9_000_000)).toBe(0);
    expect(table.chargeTracked(one!, counterNumber("publish_meter"), 7, 9_000_000)).toBe(0);
    expect(table.list(9_000_000, 8)[0]?.counts).toEqual({});
    expect(table.meters).toBeNull();
  });

  it("leaves nothing locked when a meter would be charged less than nothing", () => {
    const counters = [{ field: "byte_meter", periodMs: 0 }] as const;
    const settings = { entriesMax: 8, expiryMs: 60_000, seed: 1, counters };
    const buffers = createCounterTable(settings);
    const table = new CounterTable(buffers, 0);
    const handle = table.track(keyOf("a"), 1_000);
    const charge = () => table.chargeTracked(handle, counterNumber("byte_meter"), -1, 1_000);
    expect(charge).toThrow("paid off by time");
    expect(isLockedBy(new Int32Array(buffers.keys), SHARD_LOCK, 0)).toBe(false);
  });

  it("agrees with a simple model whatever happens", () => {
    const step = fc.record({
      act: fc.constantFrom("track", "release", "add", "read"),
      key: fc.integer({ min: 0, max: 6 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const table = makeCounterTable();
        const held = new Map<number, number[]>();
        const counts = new Map<number, number>();
        for (const { act, key } of steps) {
          const handles = held.get(key) ?? [];
          held.set(key, handles);
          if (act === "track") handles.push(table.track(keyOf(`${key}`), 1000));
          if (act === "release" && handles.length > 0) table.release(handles.pop()!, 1000);
          if (act === "add") {
            counts.set(key, (counts.get(key) ?? 0) + key);
            table.add(keyOf(`${key}`), GPC0, key, 1000);
          }
          expect(table.read(keyOf(`${key}`), CURRENT, 1000)).toBe(handles.length);
          expect(table.read(keyOf(`${key}`), GPC0, 1000)).toBe(counts.get(key) ?? 0);
        }
      }),
    );
  });
});
