// A thread whose clients connect and leave again, all under a few ids that other threads have, too.
import { parentPort, workerData } from "node:worker_threads";
import { Random32 } from "../../src/bytes/random32.ts";
import { ConnectedIds, NO_PLACE } from "../../src/shm/connected-ids.ts";
import { waitForAll } from "./start-together.ts";

export interface IdsTask {
  readonly buffer: SharedArrayBuffer;
  readonly start: SharedArrayBuffer;
  readonly threads: number;
  readonly worker: number;
  readonly steps: number;
  /** Ids are the bytes 0 to this one, without it. */
  readonly ids: number;
}

export interface IdsResult {
  readonly entered: number;
  readonly refused: number;
  /** Of those who held an id of their own: it was always known. */
  readonly unknown: number;
}

const { buffer, start, threads, worker, steps, ids: idCount } = workerData as IdsTask;
const ids = new ConnectedIds(buffer);
const random = new Random32(worker + 1);
const result = { entered: 0, refused: 0, unknown: 0 };
const held: { place: number; id: number }[] = [];
const id = Uint8Array.of(0);
waitForAll(start, threads);
for (let step = 0; step < steps; step++) {
  if (held.length > 20 || (held.length > 0 && random.below(2) === 0)) {
    const { place, id: own } = held.shift()!;
    id[0] = own;
    if (!ids.has(0, id, 0, 1)) result.unknown++;
    ids.leave(place);
    continue;
  }
  id[0] = random.below(idCount);
  const place = ids.enter(0, id, 0, 1);
  if (place === NO_PLACE) result.refused++;
  else held.push({ place, id: id[0] });
  result.entered++;
}
for (const { place } of held) ids.leave(place);
parentPort!.postMessage(result);
