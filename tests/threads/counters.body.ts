// A thread that counts keys in a table it shares with others, and gives back all it holds.
import { parentPort, workerData } from "node:worker_threads";
import { Random32 } from "../../src/bytes/random32.ts";
import { counterNumber } from "../../src/rules/counter-fields.ts";
import { CounterTable, type CounterTableBuffers } from "../../src/stick/counter-table.ts";
import { makeStickKey } from "../../src/stick/stick-key.ts";
import { waitForAll } from "./start-together.ts";

export interface CountersTask {
  readonly buffers: CounterTableBuffers;
  readonly start: SharedArrayBuffer;
  readonly threads: number;
  readonly worker: number;
  readonly steps: number;
  readonly keys: number;
}

export interface CountersResult {
  readonly tracked: number;
  readonly added: number;
  readonly refused: number;
}

const { buffers, start, threads, worker, steps, keys } = workerData as CountersTask;
const table = new CounterTable(buffers, worker);
const random = new Random32(worker + 1);
const GPC0 = counterNumber("gpc0");
const result = { tracked: 0, added: 0, refused: 0 };
const held: number[] = [];
const encoder = new TextEncoder();
// One key in eight needs blocks beyond its entry.
const names = Array.from({ length: keys }, (_, i) =>
  encoder.encode(`${"long/".repeat(i % 8 === 0 ? 40 : 1)}${i}`),
);
const key = makeStickKey();
waitForAll(start, threads);
for (let step = 0; step < steps; step++) {
  key.bytes = names[random.below(keys)]!;
  key.length = key.bytes.length;
  const nowMs = 1000 + (step >> 4);
  const action = random.below(4);
  if (action === 0) {
    const handle = table.track(key, nowMs);
    if (handle === 0) result.refused++;
    else {
      held.push(handle);
      result.tracked++;
    }
  } else if (action === 1 && held.length > 0) table.release(held.shift()!, nowMs);
  else {
    const handle = held[0];
    if (handle === undefined) table.add(key, GPC0, 1, nowMs);
    else table.addTracked(handle, GPC0, 1, nowMs);
    result.added++;
  }
}
for (const handle of held) table.release(handle, 1000);
parentPort!.postMessage(result);
