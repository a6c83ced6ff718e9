// What a server is, in 32 bits, whatever number a plan gives it: a hash of its name.
//
// Pure. Hash choices and stick tables go by it, so that a plan with one server more in the middle
// moves only the clients it must. The seed is fixed: every balancer and every start agrees.

import { hash32 } from "../bytes/hash32.ts";

const SEED = 0x666c; // "fl"

export function serverIdentity(name: string): number {
  const bytes = new TextEncoder().encode(name);
  return hash32(bytes, 0, bytes.length, SEED);
}
