// The same key goes to the same server, and when servers come or go, hardly anybody else moves:
// each key belongs to the server whose point on a ring is nearest, as in HAProxy's consistent hash.
//
// A server that goes takes only its own clients along, which spread over the others by weight, and
// gets exactly those back. Which points there are is the hash type's: see ring-points.ts. A choice
// costs O(1). Clients without a key take turns along the ring.

import { type Balancer, type Choice, wasTried } from "./balance.ts";
import { LiveRing } from "./live-ring.ts";
import { LoadBound } from "./load-bound.ts";
import { isUsable, lockTier, ruleOf, TIER_CURSOR, type Tier, takeAny, unlockTier } from "./tier.ts";

/** Points that are looked at before every server is, when many are full or were tried. */
const LOOKS_MAX = 512;

export class ConsistentHash implements Balancer {
  private readonly tier: Tier;
  private readonly ring: LiveRing;
  private readonly bound: LoadBound | null;
  private readonly waits: boolean;

  constructor(tier: Tier) {
    const { loadMaxPercent, whenFull } = ruleOf(tier);
    this.tier = tier;
    this.ring = new LiveRing(tier);
    this.bound = loadMaxPercent === 0 ? null : new LoadBound(tier, loadMaxPercent);
    this.waits = whenFull === "wait";
  }

  take(choice: Choice): number {
    this.ring.refresh();
    if (!choice.keyed) return this.takeTurn(choice);
    if (this.bound === null) return this.takeNearest(choice);
    // Choice and count in one, so that workers that choose at once do not pass the bound.
    if (!lockTier(this.tier)) return takeAny(this.tier, choice);
    this.bound.follow();
    const server = this.takeNearest(choice);
    unlockTier(this.tier);
    return server;
  }

  destined(choice: Choice): number {
    if (!choice.keyed || !this.waits) return -1;
    this.ring.refresh();
    this.bound?.follow();
    const point = this.findNearest(choice, this.ring.nearest(choice.key), LOOKS_MAX);
    return point === -1 ? -1 : this.serverAt(point);
  }

  private takeNearest(choice: Choice): number {
    let point = this.ring.nearest(choice.key);
    for (let look = 0; look < LOOKS_MAX; look++) {
      point = this.findNearest(choice, point, LOOKS_MAX - look);
      if (point === -1) break;
      const server = this.serverAt(point);
      const { view } = this.tier;
      if (view.available(server) && view.tryAcquire(server)) return server;
      if (this.waits) return -1;
      point = this.ring.after(point);
    }
    return this.takeFromAll(choice);
  }

  /** @returns the first point from here whose server was not tried and is within its bound */
  private findNearest(choice: Choice, start: number, looksMax: number): number {
    let point = start;
    for (let look = 0; look < looksMax && point !== -1; look++) {
      const isAllowed = this.bound?.allows(this.ring.ownerOf(point)) ?? true;
      if (isAllowed && !wasTried(choice, this.serverAt(point))) return point;
      point = this.ring.after(point);
    }
    return -1;
  }

  // Better past the bound than no server at all.
  private takeFromAll(choice: Choice): number {
    const server = this.takeFromKey(choice, this.bound);
    return server === -1 && this.bound !== null ? this.takeFromKey(choice, null) : server;
  }

  // From a place that the key names, so that its clients still stay together.
  private takeFromKey(choice: Choice, bound: LoadBound | null): number {
    const { servers, view } = this.tier;
    let position = (choice.key >>> 0) % servers.length;
    for (let seen = 0; seen < servers.length; seen++) {
      position = position + 1 === servers.length ? 0 : position + 1;
      const server = servers[position]!;
      if (!isUsable(this.tier, server, choice)) continue;
      if (bound?.allows(position) === false) continue;
      if (view.tryAcquire(server)) return server;
    }
    return -1;
  }

  private takeTurn(choice: Choice): number {
    const { view, words } = this.tier;
    for (let look = 0; look < LOOKS_MAX; look++) {
      const cursor = Atomics.load(words, TIER_CURSOR);
      const point = this.ring.liveFrom(cursor);
      if (point === -1) return -1;
      // Another worker may have been here meanwhile: the point is its own then.
      if (Atomics.compareExchange(words, TIER_CURSOR, cursor, point + 1) !== cursor) continue;
      const server = this.serverAt(point);
      if (isUsable(this.tier, server, choice) && view.tryAcquire(server)) return server;
    }
    return takeAny(this.tier, choice);
  }

  private serverAt(point: number): number {
    return this.tier.servers[this.ring.ownerOf(point)]!;
  }
}
