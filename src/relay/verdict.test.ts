import { describe, expect, it } from "vitest";
import { CLOSE_REASONS } from "../shm/close-reason.ts";
import { endWith, NEXT, reasonOf, STAY } from "./verdict.ts";

describe("endWith", () => {
  it("is negative for every reason, so that it is neither STAY nor NEXT", () => {
    expect([STAY, NEXT]).toEqual([0, 1]);
    for (const reason of CLOSE_REASONS.keys()) expect(endWith(reason)).toBeLessThan(0);
  });
});

describe("reasonOf", () => {
  it("gives back every reason", () => {
    for (const reason of CLOSE_REASONS.keys()) expect(reasonOf(endWith(reason))).toBe(reason);
  });
});
