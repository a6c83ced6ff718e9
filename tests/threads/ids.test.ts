import { afterAll, beforeAll, expect, it } from "vitest";
import { ConnectedIds, createConnectedIds } from "../../src/shm/connected-ids.ts";
import type { IdsResult, IdsTask } from "./ids.body.ts";
import { type CompiledBodies, compileBodies } from "./run-threads.ts";

const THREADS = 4;
const IDS = 20;

let bodies: CompiledBodies;
beforeAll(() => {
  bodies = compileBodies(["ids.body"]);
});
afterAll(() => bodies.remove());

it("connected ids: who has entered is known until it leaves, and nobody stays", async () => {
  const buffer = createConnectedIds(4 * IDS, 7);
  const task = { buffer, start: new SharedArrayBuffer(4), threads: THREADS, steps: 100_000 };
  const tasks = Array.from({ length: THREADS }, (_, worker): IdsTask => {
    return { ...task, worker, ids: IDS };
  });
  const results = await bodies.run<IdsResult>("ids.body", tasks);
  for (const { entered, unknown, refused } of results) {
    expect(entered).toBeGreaterThan(10_000);
    expect({ unknown, refused }).toEqual({ unknown: 0, refused: 0 });
  }
  const ids = new ConnectedIds(buffer);
  const left = Array.from({ length: IDS }, (_, i) => ids.has(0, Uint8Array.of(i), 0, 1));
  expect(left.some(Boolean)).toBe(false);
  expect([...new Int32Array(buffer).subarray(8)].every((word) => word === 0)).toBe(true);
});
