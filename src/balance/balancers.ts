// From a plan to its balancers: the memory they share, made by the control plane, and one Balancer
// per pool, opened by each worker on that memory.
//
// Bounded by the plan. A plan's balance memory lives and dies with it: a new plan brings its own.

import type { BalanceName, Balancer, ServerView } from "./balance.ts";

/** What balancing needs of a plan; `Plan` of shm is one. */
export interface BalancePlan {
  readonly pools: readonly { readonly balance: BalanceName; readonly servers: readonly number[] }[];
  readonly servers: readonly {
    readonly name: string;
    readonly weight: number;
    readonly backup: boolean;
  }[];
}

/** Control plane: the memory that the plan's balancers share; send it to the workers with it. */
export function createBalanceMemory(_plan: BalancePlan): SharedArrayBuffer {
  throw new Error("Cannot balance yet");
}

/**
 * Worker: one balancer per pool of the plan, in the plan's order.
 * @param worker this thread's worker number: the name it takes locks by
 */
export function openBalancers(
  _plan: BalancePlan,
  _memory: SharedArrayBuffer,
  _view: ServerView,
  _worker: number,
): Balancer[] {
  throw new Error("Cannot balance yet");
}

/** Control plane, after a worker has ended: frees the locks it died with. */
export function forgetBalancingWorker(
  _plan: BalancePlan,
  _memory: SharedArrayBuffer,
  _worker: number,
): void {
  throw new Error("Cannot balance yet");
}
