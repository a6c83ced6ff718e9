// The table of algorithms: what memory each shares among workers, who fills it in, what opens it.
//
// A new algorithm is a file of its own and a row here.

import type { BalanceName, Balancer } from "./balance.ts";
import { ConsistentHash } from "./consistent-hash.ts";
import { FirstAvailable } from "./first-available.ts";
import type { HashType } from "./hash-plan.ts";
import { KetamaHash, ketamaHashWords, prepareKetamaHash, repairKetamaHash } from "./ketama-hash.ts";
import { LeastConnections } from "./least-connections.ts";
import { liveRingWords, prepareLiveRing } from "./live-ring.ts";
import { MapHash } from "./map-hash.ts";
import { LeastOfRandom } from "./random.ts";
import { Rehash } from "./rehash.ts";
import { prepareRoundRobin, RoundRobin, roundRobinWords } from "./round-robin.ts";
import { SmoothLeastConnections } from "./smooth-least-connections.ts";
import { SmoothRoundRobin } from "./smooth-round-robin.ts";
import { prepareSmoothTurns, smoothTurnsWords } from "./smooth-turns.ts";
import { StaticRoundRobin } from "./static-round-robin.ts";
import { ruleOf, type Tier, type TierPlan } from "./tier.ts";

export interface Algorithm {
  /** Int32 words of shared memory beyond the tier's header. */
  readonly words: (plan: TierPlan) => number;
  /** Fills in that memory, all zero, before any worker sees it. `words` begins with the header. */
  readonly prepare: (words: Int32Array, plan: TierPlan) => void;
  /** Sets right what a worker that died with the lock may have left half written. */
  readonly repair: (words: Int32Array, plan: TierPlan) => void;
  readonly open: (tier: Tier) => Balancer;
}

const nothing = () => {};
const stateless = { words: () => 0, prepare: nothing, repair: nothing };
const smooth = {
  words: smoothTurnsWords,
  prepare: prepareSmoothTurns,
  repair: prepareSmoothTurns,
};
const onRing: Algorithm = {
  words: liveRingWords,
  prepare: prepareLiveRing,
  repair: nothing,
  open: (tier) => new ConsistentHash(tier),
};

const BY_NAME: Readonly<Partial<Record<BalanceName, Algorithm>>> = {
  "round-robin": {
    words: roundRobinWords,
    prepare: prepareRoundRobin,
    repair: prepareRoundRobin,
    open: (tier) => new RoundRobin(tier),
  },
  "static-round-robin": { ...stateless, open: (tier) => new StaticRoundRobin(tier) },
  "smooth-round-robin": { ...smooth, open: (tier) => new SmoothRoundRobin(tier) },
  "least-connections": { ...stateless, open: (tier) => new LeastConnections(tier) },
  "smooth-least-connections": { ...smooth, open: (tier) => new SmoothLeastConnections(tier) },
  first: { ...stateless, open: (tier) => new FirstAvailable(tier) },
  random: { ...stateless, open: (tier) => new LeastOfRandom(tier) },
};

const BY_HASH_TYPE: Readonly<Record<HashType, Algorithm>> = {
  consistent: onRing,
  "consistent-16": onRing,
  "map-based": { ...stateless, open: (tier) => new MapHash(tier) },
  ketama: {
    words: ketamaHashWords,
    prepare: prepareKetamaHash,
    repair: repairKetamaHash,
    open: (tier) => new KetamaHash(tier),
  },
  rehash: { ...smooth, open: (tier) => new Rehash(tier) },
};

/** Every name that has no row of its own balances by a hash. */
export function algorithmOf(name: BalanceName, plan: TierPlan): Algorithm {
  return BY_NAME[name] ?? BY_HASH_TYPE[ruleOf(plan).type];
}
