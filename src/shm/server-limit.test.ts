import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fullShareOf, limitAt, limitWhileStarting } from "./server-limit.ts";

describe("limitAt", () => {
  it.each([
    [0, 1],
    [1, 1],
    [3, 1],
    [4, 2],
    [6, 3],
    [7, 3],
    [8, 4],
    [900, 4],
  ])("%i clients of 8: %i of 1 to 4", (clients, limit) => {
    expect(limitAt(1, 4, { clients, fullAt: 8 })).toBe(limit);
  });

  it("is what it is where it does not rise, or is none", () => {
    const empty = { clients: 0, fullAt: 100 };
    expect(limitAt(0, 7, empty)).toBe(7);
    expect(limitAt(7, 7, empty)).toBe(7);
    expect(limitAt(3, 0, empty)).toBe(0);
    expect(limitAt(0, 0, empty)).toBe(0);
  });

  it("never falls while clients come, and stays within its two ends", () => {
    const amount = fc.integer({ min: 1, max: 10_000_000 });
    fc.assert(
      fc.property(amount, amount, amount, amount, (max, from, clients, fullAt) => {
        const limit = limitAt(from, max, { clients, fullAt });
        expect(limit).toBeGreaterThanOrEqual(Math.min(from, max));
        expect(limit).toBeLessThanOrEqual(max);
        const next = limitAt(from, max, { clients: clients + 1, fullAt });
        expect(next).toBeGreaterThanOrEqual(limit);
      }),
    );
  });
});

describe("limitWhileStarting", () => {
  it("is a share of the limit, never nothing of something", () => {
    const shares = [1, 8, 15, 16].map((share) => limitWhileStarting(10, share, 16));
    expect(shares).toEqual([1, 5, 9, 10]);
    expect(limitWhileStarting(0, 1, 16)).toBe(0);
  });
});

describe("fullShareOf", () => {
  it("is a tenth, rounded up, and at least one", () => {
    expect([0, 1, 10, 11, 51].map(fullShareOf)).toEqual([1, 1, 1, 2, 6]);
  });
});
