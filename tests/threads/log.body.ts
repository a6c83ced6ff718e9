// A thread that writes numbered records to a log ring, and counts those that were dropped.
import { parentPort, workerData } from "node:worker_threads";
import { openSharedState, type SharedBuffers } from "../../src/shm/shared-state.ts";

export interface LogTask {
  readonly buffers: SharedBuffers;
  readonly worker: number;
  readonly records: number;
}

const { buffers, worker, records } = workerData as LogTask;
const ring = openSharedState(buffers, worker).logWriter(worker);
const source = new Uint8Array(3000);
let dropped = 0;
for (let record = 0; record < records; record++) {
  const length = (record * 37) % source.length;
  ring.entry.bytesIn = record;
  source.fill(record & 0xff, 0, length);
  if (!ring.push(source, 0, length)) dropped++;
}
parentPort!.postMessage(dropped);
