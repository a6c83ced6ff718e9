import { describe, expect, it } from "vitest";
import { makeStickTable } from "../../tests/fixtures/stick-table-plan.ts";
import type { CounterTablePlan } from "../shm/plan.ts";
import type { NamedStickTablePlan } from "../shm/stick-plan.ts";
import { CounterTable, createCounterTable } from "../stick/counter-table.ts";
import type { StickKey } from "../stick/stick-key.ts";
import { StickTable } from "../stick/stick-table.ts";
import { ExpiredEntries } from "./expired-entries.ts";

const EXPIRY_SECONDS = 10;
/** Of a table with 100,000 entries, by the thousand buckets. */
const LARGE_STEPS = 128;

function makeStick(entriesMax: number): NamedStickTablePlan {
  return makeStickTable({ entriesMax, expirySeconds: EXPIRY_SECONDS });
}

function makeCounters(): CounterTablePlan {
  const counters = [{ field: "gpc0", periodMs: 0 }] as const;
  const settings = { entriesMax: 50, expiryMs: EXPIRY_SECONDS * 1000, seed: 1, counters };
  return { name: "visits", keyType: "text", ...createCounterTable(settings) };
}

function keyOf(number: number): StickKey {
  const bytes = new TextEncoder().encode(`client-${number}`);
  return { bytes, offset: 0, length: bytes.length };
}

function fill(plan: NamedStickTablePlan, count: number, nowSeconds: number): StickTable {
  const table = new StickTable(plan, 0);
  for (let i = 0; i < count; i++) table.store(keyOf(i), { server: 0, identity: 0 }, nowSeconds);
  return table;
}

describe("ExpiredEntries", () => {
  it("forgets what has expired in every table, a part at a time, round after round", () => {
    const plans = {
      stickTables: [makeStick(100_000), makeStick(50)],
      counterTables: [makeCounters()],
    };
    const large = fill(plans.stickTables[0]!, 1_000, 5);
    const small = fill(plans.stickTables[1]!, 20, 5);
    const counters = new CounterTable(plans.counterTables[0]!, 0);
    counters.add(keyOf(0), 0, 1, 5_000);
    let nowMs = 14_900;
    const expired = new ExpiredEntries(
      () => plans,
      () => nowMs,
    );
    const counts = () => [large.count(), small.count(), counters.count()];
    const steps = (count: number) => {
      for (let i = 0; i < count; i++) expired.step();
    };
    // The last step of a round finds that it is over.
    const round = LARGE_STEPS + 1 + 1 + 1;
    steps(round);
    expect(counts()).toEqual([1_000, 20, 1]);
    nowMs = 15_200;
    steps(LARGE_STEPS / 2);
    expect(large.count()).toBeGreaterThan(300);
    expect(large.count()).toBeLessThan(700);
    steps(LARGE_STEPS / 2);
    expect(counts()).toEqual([0, 20, 1]);
    steps(2);
    expect(counts()).toEqual([0, 0, 0]);
    steps(1);
    fill(plans.stickTables[1]!, 7, 1);
    steps(round);
    expect(counts()).toEqual([0, 0, 0]);
  });

  it("looks at the tables of the plan that runs as a round begins", () => {
    const tables = { stickTables: [] as NamedStickTablePlan[], counterTables: [] };
    const expired = new ExpiredEntries(
      () => tables,
      () => 60_000,
    );
    expired.step();
    tables.stickTables = [makeStick(50)];
    const table = fill(tables.stickTables[0]!, 3, 5);
    expired.step();
    expect(table.count()).toBe(0);
  });
});
