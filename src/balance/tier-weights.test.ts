import { describe, expect, it } from "vitest";
import { makeTier } from "../../tests/contract/tier-fixture.ts";
import { TierWeights } from "./tier-weights.ts";

describe("TierWeights", () => {
  it("knows what servers weigh, and tells when one of them weighs something else", () => {
    const { tier, control } = makeTier("random", [{ weight: 3 }, {}]);
    const weights = new TierWeights(tier);
    expect([[...weights.weights], weights.total]).toEqual([[48, 16], 64]);
    expect(weights.refresh()).toBe(false);
    control.setUp(0, false);
    expect([weights.refresh(), [...weights.weights], weights.total]).toEqual([true, [0, 16], 16]);
    control.setWeight(0, 9);
    expect(weights.refresh()).toBe(false);
    control.setHeldBack(1, 8);
    expect([weights.refresh(), weights.total]).toEqual([true, 8]);
  });
});
