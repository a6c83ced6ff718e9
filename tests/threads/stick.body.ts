// A thread that stores, holds and looks up clients in a table it shares with others. What a client
// leads to follows from its id, so anything else that is found is a fault.
import { parentPort, workerData } from "node:worker_threads";
import { hash32 } from "../../src/bytes/hash32.ts";
import { Random32 } from "../../src/bytes/random32.ts";
import { makeStickKey } from "../../src/stick/stick-key.ts";
import { StickTable, type StickTableBuffers } from "../../src/stick/stick-table.ts";
import { waitForAll } from "./start-together.ts";

export interface StickTask {
  readonly buffers: StickTableBuffers;
  readonly start: SharedArrayBuffer;
  readonly threads: number;
  readonly worker: number;
  readonly steps: number;
  readonly clients: number;
}

export interface StickResult {
  readonly hits: number;
  readonly misses: number;
  readonly wrong: number;
  readonly refused: number;
}

const { buffers, start, threads, worker, steps, clients } = workerData as StickTask;
const table = new StickTable(buffers, worker);
const random = new Random32(worker + 1);
const result = { hits: 0, misses: 0, wrong: 0, refused: 0 };
const encoder = new TextEncoder();
// One id in eight needs blocks beyond its entry.
const ids = Array.from({ length: clients }, (_, i) =>
  encoder.encode(`${"long/".repeat(i % 8 === 0 ? 10 + (i % 90) : 1)}${i}`),
);
const key = makeStickKey();
waitForAll(start, threads);
for (let step = 0; step < steps; step++) {
  key.bytes = ids[random.below(clients)]!;
  key.length = key.bytes.length;
  const identity = hash32(key.bytes, 0, key.length, 1);
  const value = { server: identity & 0xff, identity };
  const action = random.below(16);
  const now = step >> 12;
  if (action === 0) {
    table.forget(key);
  } else if (action === 1) {
    if (!table.store(key, value, now, worker)) result.refused++;
  } else if (action < 4) {
    table.release(key, worker, action === 2 ? 0 : 1, now);
  } else if (action < 8) {
    if (!table.store(key, value, now)) result.refused++;
  } else if (table.lookup(key, now)) {
    result.hits++;
    const { server, identity: found } = table.found;
    if (server !== value.server || found !== identity) result.wrong++;
  } else {
    result.misses++;
  }
}
parentPort!.postMessage(result);
