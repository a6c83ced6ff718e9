import { describe, expect, it } from "vitest";
import { createTrackedMemory, TRACKED_MAX, TrackedSlots } from "../rules/tracked-slots.ts";
import { CounterTable, createCounterTable } from "../stick/counter-table.ts";
import type { MeterRates } from "../stick/meter-rates.ts";
import { Meters } from "./meters.ts";

const COUNTERS = [
  { field: "publish_meter", periodMs: 0 },
  { field: "byte_meter", periodMs: 0 },
] as const;
const NOW = 5_000_000.25;
const KEY = { bytes: Uint8Array.of(1), offset: 0, length: 1 };

/** Meters of two connections of one key, one table for each of the given rates. */
function metersOf(...rates: readonly Partial<MeterRates>[]): Meters {
  const memory = createTrackedMemory(3);
  const tables = rates.map((rate) => {
    const meters = { publishes: null, bytes: null, ...rate };
    const settings = { entriesMax: 8, expiryMs: 60_000, seed: 1, counters: COUNTERS, meters };
    return new CounterTable(createCounterTable(settings), 0);
  });
  for (const connection of [0, 1]) {
    const tracked = new TrackedSlots(memory).point(connection);
    for (const [i, table] of tables.entries()) {
      tracked.set(TRACKED_MAX + i, i, table.track(KEY, NOW));
    }
  }
  return new Meters(memory, { counterTables: tables });
}

const TEN = { count: 10, periodMs: 1_000 };

describe("Meters", () => {
  it("know who is metered", () => {
    expect(metersOf({ bytes: TEN }).has(1)).toBe(true);
    expect(metersOf({ bytes: TEN }).has(2)).toBe(false);
    const meters = metersOf();
    expect(meters.has(0)).toBe(false);
    meters.look(0, NOW);
    expect([meters.publishes, meters.bytes]).toEqual([Infinity, Infinity]);
    expect(meters.charge(0, 100, 100, NOW)).toBe(0);
  });

  it("let through a period's worth at once and then the rate, in any span of time", () => {
    const meters = metersOf({ publishes: TEN });
    let passed = 0;
    for (let ms = 0; ms <= 5_000; ms += 7) {
      meters.look(0, NOW + ms);
      const { publishes } = meters;
      if (publishes > 0) expect(meters.charge(0, publishes, 0, NOW + ms)).toBeLessThanOrEqual(0);
      passed += publishes;
      expect(passed).toBeLessThanOrEqual(10 + Math.ceil(ms / 100));
    }
    expect(passed).toBeGreaterThanOrEqual(58);
  });

  it("say how long a piece waits, one connection behind the other", () => {
    const meters = metersOf({ publishes: TEN });
    meters.charge(0, 10, 0, NOW);
    const waits = [0, 1, 0].map((connection) => meters.charge(connection, 1, 0, NOW));
    expect(waits.map(Math.round)).toEqual([100, 200, 300]);
    expect(Math.round(meters.charge(1, 1, 0, NOW + 400))).toBe(0);
  });

  it("go by the strictest of several", () => {
    const meters = metersOf(
      { publishes: TEN, bytes: { count: 1_000, periodMs: 10_000 } },
      {
        bytes: { count: 50, periodMs: 1_000 },
      },
    );
    meters.look(0, NOW);
    expect([meters.publishes, meters.bytes]).toEqual([10, 50]);
    expect([meters.publishShare, meters.byteShare]).toEqual([1, 5]);
    expect(Math.round(meters.charge(0, 1, 100, NOW))).toBe(1_000);
  });
});
