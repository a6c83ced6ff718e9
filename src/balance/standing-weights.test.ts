import { describe, expect, it } from "vitest";
import { makeTier } from "../../tests/contract/tier-fixture.ts";
import { StandingWeights } from "./standing-weights.ts";

describe("StandingWeights", () => {
  it("keeps the weight of a server that is out", () => {
    const { tier, control } = makeTier("random", [{ weight: 3 }, { weight: 0 }]);
    const weights = new StandingWeights(tier);
    control.setUp(0, false);
    expect([weights.refresh(), [...weights.weights]]).toEqual([false, [48, 0]]);
    control.setUp(0, true);
    control.setWeight(1, 2);
    expect([weights.refresh(), [...weights.weights]]).toEqual([true, [48, 32]]);
    control.setWeight(1, 0);
    expect([weights.refresh(), [...weights.weights]]).toEqual([false, [48, 32]]);
  });
});
