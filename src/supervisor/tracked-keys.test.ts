import { describe, expect, it } from "vitest";
import { lock } from "../bytes/spin-lock.ts";
import { TrackedSlots } from "../rules/tracked-slots.ts";
import type { CounterTablePlan } from "../shm/plan.ts";
import { CounterTable, createCounterTable } from "../stick/counter-table.ts";
import { SHARD_LOCK } from "../stick/stick-memory.ts";
import { TrackedKeys } from "./tracked-keys.ts";

const KEY = { bytes: new TextEncoder().encode("anna"), offset: 0, length: 4 };

function makeTable(): CounterTablePlan {
  const counters = [{ field: "conn_cur" as const, periodMs: 0 }];
  const settings = { entriesMax: 100, expiryMs: 60_000, seed: 1, counters };
  return { name: "users", keyType: "text", ...createCounterTable(settings) };
}

/** Two workers, each with connections of one client in one table. */
function makeScene() {
  const plan = makeTable();
  const keys = new TrackedKeys(2, 4);
  const table = new CounterTable(plan, 0);
  const track = (worker: number, connection: number) => {
    const tracked = new TrackedSlots(keys.memoryOf(worker)).point(connection);
    tracked.set(2, 0, table.track(KEY, 1_000));
  };
  const connections = () => table.read(KEY, 0, 1_000);
  return { plan, keys, table, track, connections };
}

describe("TrackedKeys", () => {
  it("lets go what a dead worker's connections were counted in, and nobody else's", () => {
    const { plan, keys, track, connections } = makeScene();
    track(0, 0);
    track(0, 3);
    track(1, 3);
    expect(connections()).toBe(3);
    keys.release(0, [plan], 1_000);
    expect(connections()).toBe(1);
    keys.release(0, [plan], 1_000);
    expect(connections()).toBe(1);
  });

  it("knows which tables are in use", () => {
    const { plan, keys, track } = makeScene();
    expect(keys.uses(0)).toBe(false);
    track(1, 2);
    expect([keys.uses(0), keys.uses(1)]).toEqual([true, false]);
    keys.release(1, [plan], 1_000);
    expect(keys.uses(0)).toBe(false);
  });

  it("frees the lock that a worker died with; what it held there is gone with the shard", () => {
    const { plan, keys, table, track, connections } = makeScene();
    track(0, 0);
    lock(new Int32Array(plan.keys), SHARD_LOCK, 0);
    keys.release(0, [plan], 1_000);
    expect(connections()).toBe(0);
    expect(table.track(KEY, 2_000)).toBeGreaterThan(0);
    expect(connections()).toBe(1);
  });
});
