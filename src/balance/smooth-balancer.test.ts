import { describe, expect, it } from "vitest";
import { choiceNumber } from "../../tests/contract/pool-fixture.ts";
import { makeTier } from "../../tests/contract/tier-fixture.ts";
import { isLockedBy, lock } from "../bytes/spin-lock.ts";
import { SmoothBalancer } from "./smooth-balancer.ts";
import { TIER_LOCK } from "./tier.ts";

/** Names the positions that it is given, and counts how often it was asked. */
class Scripted extends SmoothBalancer {
  positions: number[] = [];
  asked = 0;

  protected choose(): number {
    expect(isLockedBy(this.tier.words, TIER_LOCK, this.tier.worker)).toBe(true);
    this.asked++;
    return this.positions.shift() ?? -1;
  }
}

/** The first of two servers is full. */
function makeScripted(positions: number[]) {
  const { tier, worker } = makeTier("smooth-round-robin", [{ connectionsMax: 1 }, {}]);
  expect(worker.tryAcquire(0)).toBe(true);
  const balancer = new Scripted(tier);
  balancer.positions = positions;
  return { balancer, tier, worker };
}

describe("SmoothBalancer", () => {
  it("counts a connection for the server that was chosen, and frees the lock", () => {
    const { balancer, tier, worker } = makeScripted([1]);
    expect(balancer.take(choiceNumber(0))).toBe(1);
    expect(worker.active(1)).toBe(1);
    expect(tier.words[TIER_LOCK]).toBe(0);
  });

  it("chooses again when the server is full by then", () => {
    const { balancer, worker } = makeScripted([0, 1]);
    expect(balancer.take(choiceNumber(0))).toBe(1);
    expect(balancer.asked).toBe(2);
    expect(worker.active(0)).toBe(1);
  });

  it("takes any that is there after four choices in vain", () => {
    const { balancer } = makeScripted([0, 0, 0, 0, 0]);
    expect(balancer.take(choiceNumber(0))).toBe(1);
    expect(balancer.asked).toBe(4);
  });

  it("answers -1 when nobody is chosen", () => {
    const { balancer, tier } = makeScripted([]);
    expect(balancer.take(choiceNumber(0))).toBe(-1);
    expect(tier.words[TIER_LOCK]).toBe(0);
  });

  it("takes any that is there when the lock stays with somebody who died", () => {
    const { balancer, tier } = makeScripted([0]);
    expect(lock(tier.words, TIER_LOCK, tier.worker + 1)).toBe(true);
    expect(balancer.take(choiceNumber(0))).toBe(1);
    expect(balancer.asked).toBe(0);
  });
});
