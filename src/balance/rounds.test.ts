import { describe, expect, it } from "vitest";
import { Rounds, roundsWords } from "./rounds.ts";

function makeRounds(weights: readonly number[]): Rounds {
  const rounds = new Rounds(new Int32Array(roundsWords(weights.length)), weights.length);
  rounds.begin(weights.map((weight) => weight * 16));
  return rounds;
}

/** Serves whoever is first, so many times. */
function serve(rounds: Rounds, count: number): number[] {
  return Array.from({ length: count }, () => {
    if (rounds.earliest() === -1) rounds.turnOver();
    const position = rounds.earliest();
    rounds.takeOut(position);
    rounds.wait(position);
    return position;
  });
}

describe("Rounds", () => {
  it("begins with the heaviest, and spreads its turns", () => {
    expect(serve(makeRounds([1, 1, 4]), 12).join("")).toMatch(/^2/);
    const turns = serve(makeRounds([1, 1, 4]), 600);
    expect(turns.filter((position) => position === 2).length).toBe(400);
    expect(turns.join("")).not.toMatch(/222222|[01][01][01]/);
  });

  it("goes on where it was on the same memory", () => {
    const words = new Int32Array(roundsWords(3));
    const rounds = new Rounds(words, 3);
    rounds.begin([16, 32, 48]);
    serve(rounds, 5);
    const expected = serve(new Rounds(words.slice(), 3), 20);
    expect(serve(new Rounds(words, 3), 20)).toEqual(expected);
  });

  it("has nobody when all have gone, and takes up whoever comes", () => {
    const rounds = makeRounds([2, 0]);
    rounds.reweigh(0, 0);
    expect(rounds.earliest()).toBe(-1);
    rounds.turnOver();
    expect(rounds.earliest()).toBe(-1);
    rounds.reweigh(1, 16);
    expect(serve(rounds, 3)).toEqual([1, 1, 1]);
    expect([rounds.weightOf(0), rounds.weightOf(1)]).toEqual([0, 16]);
  });
});
