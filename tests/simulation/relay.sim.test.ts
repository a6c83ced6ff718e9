import { describe, expect, it } from "vitest";
import { runWorld } from "./relay-world.ts";

// Seeds FIRST to FIRST + COUNT - 1; or one seed alone, with a line for everything that happens.
const { FAIRLEAD_SIM_SEED, FAIRLEAD_SIM_FIRST, FAIRLEAD_SIM_COUNT } = process.env;
const COUNT = Number(FAIRLEAD_SIM_COUNT ?? 10_000);
const FIRST = Number(FAIRLEAD_SIM_FIRST ?? 1);
/** As many failing seeds as are shown. */
const SHOWN_MAX = 5;

describe("the relay on the simulated reactor", () => {
  if (FAIRLEAD_SIM_SEED === undefined) itHoldsForManySeeds();
  else itHoldsFor(Number(FAIRLEAD_SIM_SEED));
});

function itHoldsFor(seed: number): void {
  it(`keeps its promises with seed ${seed}`, () => {
    const { lines, wrong } = traceWorld(seed);
    process.stdout.write(`${lines.join("\n")}\n`);
    expect(wrong).toEqual([]);
  });
}

function itHoldsForManySeeds(): void {
  it("loses, reorders and invents no byte, leaks nothing and keeps every deadline", () => {
    const failures: string[] = [];
    for (let seed = FIRST; seed < FIRST + COUNT && failures.length < SHOWN_MAX; seed++) {
      const wrong = tryWorld(seed, null);
      if (wrong.length === 0) continue;
      failures.push(`seed ${seed}: ${wrong.join("; ")}\nreplay it with: npm run sim -- ${seed}`);
    }
    expect(failures).toEqual([]);
  });

  it("does exactly the same with the same seed", () => {
    for (let seed = FIRST; seed < FIRST + 50; seed++) {
      expect(traceWorld(seed)).toEqual(traceWorld(seed));
    }
  });
}

function traceWorld(seed: number): { lines: string[]; wrong: string[] } {
  const lines: string[] = [];
  const wrong = tryWorld(seed, (line) => void lines.push(line));
  return { lines, wrong };
}

// A broken assertion, of the relay or of the reactor, is a finding like any other.
function tryWorld(seed: number, trace: ((line: string) => void) | null): string[] {
  try {
    return runWorld(seed, trace);
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}
