import { describe, expect, it } from "vitest";
import { drawSeed } from "./seed.ts";

describe("drawSeed", () => {
  it("draws int32s that differ", () => {
    const seeds = Array.from({ length: 8 }, drawSeed);
    expect(seeds.every((seed) => seed === (seed | 0))).toBe(true);
    expect(new Set(seeds).size).toBeGreaterThan(1);
  });
});
