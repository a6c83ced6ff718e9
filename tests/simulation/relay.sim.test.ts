import { describe, expect, it } from "vitest";
import { runWorld } from "./relay-world.ts";

// Seeds FIRST to FIRST + COUNT - 1; or one seed alone, with a line for everything that happens.
const { FAIRLEAD_SIM_SEED, FAIRLEAD_SIM_FIRST, FAIRLEAD_SIM_COUNT } = process.env;
const COUNT = Number(FAIRLEAD_SIM_COUNT ?? 10_000);
const FIRST = Number(FAIRLEAD_SIM_FIRST ?? 1);
/** As many failing seeds as are shown. */
const SHOWN_MAX = 5;

describe("the relay on the simulated reactor", () => {
  if (FAIRLEAD_SIM_SEED !== undefined) {
    it(`keeps its promises with seed ${FAIRLEAD_SIM_SEED}`, () => {
      const lines: string[] = [];
      const wrong = tryWorld(Number(FAIRLEAD_SIM_SEED), (line) => void lines.push(line));
      process.stdout.write(`${lines.join("\n")}\n`);
      expect(wrong).toEqual([]);
    });
    return;
  }

  it(`loses, reorders and invents no byte, leaks nothing and keeps every deadline`, () => {
    const failures: string[] = [];
    for (let seed = FIRST; seed < FIRST + COUNT && failures.length < SHOWN_MAX; seed++) {
      const wrong = tryWorld(seed, null);
      if (wrong.length > 0) failures.push(`seed ${seed}: ${wrong.join("; ")}\n${replayOf(seed)}`);
    }
    expect(failures).toEqual([]);
  }, 600_000);
});

function tryWorld(seed: number, trace: ((line: string) => void) | null): string[] {
  try {
    return runWorld(seed, trace);
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

function replayOf(seed: number): string {
  return `replay it with: npm run sim -- ${seed}`;
}
