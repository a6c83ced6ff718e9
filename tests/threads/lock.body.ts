// A thread that counts in a plain word behind a lock: an update is lost if two are ever inside.
import { workerData } from "node:worker_threads";
import { lock, unlock } from "../../src/bytes/spin-lock.ts";
import { waitForAll } from "./start-together.ts";

export interface LockTask {
  readonly memory: SharedArrayBuffer;
  readonly start: SharedArrayBuffer;
  readonly threads: number;
  readonly worker: number;
  readonly rounds: number;
}

const { memory, start, threads, worker, rounds } = workerData as LockTask;
const words = new Int32Array(memory);
waitForAll(start, threads);
for (let round = 0; round < rounds; round++) {
  while (!lock(words, 0, worker));
  words[1] = words[1]! + 1;
  unlock(words, 0, worker);
}
