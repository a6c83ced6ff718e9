import { afterAll, beforeAll, expect, it } from "vitest";
import { CounterTable, createCounterTable } from "../../src/stick/counter-table.ts";
import type { CountersResult, CountersTask } from "./counters.body.ts";
import { type CompiledBodies, compileBodies } from "./run-threads.ts";

const THREADS = 4;
const KEYS = 40;
const STEPS = 40_000;

let bodies: CompiledBodies;
beforeAll(() => {
  bodies = compileBodies(["counters.body"]);
});
afterAll(() => bodies.remove());

it("a counter table loses no count, and holds nothing in the end, whoever counts", async () => {
  const plain = ["conn_cur", "conn_cnt", "gpc0"] as const;
  const buffers = createCounterTable({
    ...{ entriesMax: 1000, expiryMs: 3_600_000, seed: 7 },
    counters: plain.map((field) => ({ field, periodMs: 0 })),
  });
  const task = { buffers, start: new SharedArrayBuffer(4), threads: THREADS };
  const tasks = Array.from({ length: THREADS }, (_, worker): CountersTask => {
    return { ...task, worker, steps: STEPS, keys: KEYS };
  });
  const results = await bodies.run<CountersResult>("counters.body", tasks);
  const sum = (of: (result: CountersResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const entries = new CounterTable(buffers, -1).list(5000, 10_000);
  const total = (field: (typeof plain)[number]) =>
    entries.reduce((count, { counts }) => count + counts[field]!, 0);
  expect(sum(({ refused }) => refused)).toBe(0);
  expect([total("gpc0"), total("conn_cnt")]).toEqual([
    sum(({ added }) => added),
    sum(({ tracked }) => tracked),
  ]);
  expect([total("conn_cur"), entries.filter(({ held }) => held > 0)]).toEqual([0, []]);
  expect(entries.length).toBeLessThanOrEqual(KEYS);
});
