// A thread that takes servers from a pool it shares with others, and says how often each.
import { parentPort, workerData } from "node:worker_threads";
import { makeChoice } from "../../src/balance/balance.ts";
import { type BalancePlan, openBalancers } from "../../src/balance/balancers.ts";
import { Random32 } from "../../src/bytes/random32.ts";
import { openSharedState, type SharedBuffers } from "../../src/shm/shared-state.ts";
import { waitForAll } from "./start-together.ts";

export interface BalanceTask {
  readonly buffers: SharedBuffers;
  readonly plan: BalancePlan;
  readonly memory: SharedArrayBuffer;
  readonly start: SharedArrayBuffer;
  readonly threads: number;
  readonly worker: number;
  readonly takes: number;
  /** Give a server back after so many further takes; 0 keeps all. */
  readonly keep: number;
}

const { buffers, plan, memory, start, threads, worker, takes, keep } = workerData as BalanceTask;
const { servers } = openSharedState(buffers, worker);
const balancer = openBalancers(plan, memory, servers, worker)[0]!;
const random = new Random32(worker);
const choice = makeChoice(0);
const counts = plan.servers.map(() => 0);
const kept: number[] = [];
waitForAll(start, threads);
for (let i = 0; i < takes; i++) {
  choice.keyed = true;
  choice.key = random.next();
  choice.random = random.next();
  const server = balancer.take(choice);
  if (server === -1) continue;
  counts[server]!++;
  kept.push(server);
  if (keep > 0 && kept.length > keep) servers.release(kept.shift()!);
}
parentPort!.postMessage(counts);
