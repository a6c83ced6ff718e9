import { describe, expect, it } from "vitest";
import { choiceNumber } from "../../tests/contract/pool-fixture.ts";
import { makeTier } from "../../tests/contract/tier-fixture.ts";
import { AvailableWeights } from "./available-weights.ts";
import { SmoothTurns } from "./smooth-turns.ts";

function makeTurns(weights: readonly number[]) {
  const { tier } = makeTier(
    "smooth-round-robin",
    weights.map((weight) => ({ weight })),
  );
  return new SmoothTurns(tier, new AvailableWeights(tier));
}

describe("SmoothTurns", () => {
  it("is the sequence of nginx's own example: a a b a c a a", () => {
    const turns = makeTurns([5, 1, 1]);
    const taken = Array.from({ length: 7 }, () => turns.next(choiceNumber(0), 0, null));
    expect(taken).toEqual([0, 0, 1, 0, 2, 0, 0]);
  });

  it("considers only who is to be considered, and leaves the others' accounts alone", () => {
    const turns = makeTurns([1, 1, 1, 1]);
    expect(turns.next(choiceNumber(0), 1, (position) => position !== 2)).toBe(1);
    expect(turns.next(choiceNumber(0, [0]), 0, null)).toBe(3);
    expect(turns.next(choiceNumber(0), 0, () => false)).toBe(-1);
  });
});
