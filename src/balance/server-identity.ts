// What a server is, in 32 bits, whatever number a plan gives it: a hash of its name; and what
// balancing knows of a server besides.
//
// Pure. Hash choices and sticky tables go by it, so that a plan with one server more in the middle
// moves only the clients it must. The seed is fixed: every balancer and every start agrees.

import { hash32 } from "../bytes/hash32.ts";
import type { ServerHashKey } from "./hash-plan.ts";

const SEED = 0x666c; // "fl"

/** What balancing needs of a server; `ServerPlan` of shm/plan.ts is one. */
export interface BalanceServer {
  readonly name: string;
  /** Its number in its pool, from 1. */
  readonly id: number;
  /** What gives it its places among hashes. */
  readonly hashKey: ServerHashKey;
  /** As bytes/endpoint.ts has it. */
  readonly endpoint: Uint8Array;
  /** 0 to 256; the weight that counts now is the view's. */
  readonly weight: number;
  readonly backup: boolean;
}

export function serverIdentity(name: string): number {
  const bytes = new TextEncoder().encode(name);
  return hash32(bytes, 0, bytes.length, SEED);
}
