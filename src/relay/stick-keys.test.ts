import { describe, expect, it } from "vitest";
import { STICK_RULES_MAX } from "../rules/client-key.ts";
import { StickKeys } from "./stick-keys.ts";

describe("StickKeys", () => {
  it("keeps a key for each rule, and forgets all of a connection at once", () => {
    const keys = new StickKeys(2);
    const bytes = Uint8Array.of(1, 2, 3);
    keys.of(0).set(1, bytes, 0, 1);
    keys.of(STICK_RULES_MAX - 1).set(1, bytes, 1, 2);
    expect([0, 3, STICK_RULES_MAX - 1].map((rule) => keys.of(rule).lengthOf(1))).toEqual([1, 0, 2]);
    keys.clear(1);
    expect([0, STICK_RULES_MAX - 1].map((rule) => keys.of(rule).lengthOf(1))).toEqual([0, 0]);
  });

  it("takes no rule beyond the most that a pool has", () => {
    expect(() => new StickKeys(1).of(STICK_RULES_MAX)).toThrow();
  });
});
