import { describe, expect, it } from "vitest";
import { makeTier } from "../../tests/contract/tier-fixture.ts";
import { AvailableWeights } from "./available-weights.ts";

describe("AvailableWeights", () => {
  it("knows who can be had, what they weigh and what they have to do", () => {
    const { tier, control, worker } = makeTier("random", [{ weight: 2 }, { connectionsMax: 1 }]);
    const copy = new AvailableWeights(tier);
    const read = () => {
      copy.follow();
      return [[...copy.weights], [...copy.active]];
    };
    expect(read()).toEqual([
      [32, 16],
      [0, 0],
    ]);
    worker.tryAcquire(0);
    worker.tryAcquire(1);
    expect(read()).toEqual([
      [32, 0],
      [1, 1],
    ]);
    worker.release(1);
    control.setUp(0, false);
    expect(read()).toEqual([
      [0, 16],
      [1, 0],
    ]);
  });
});
