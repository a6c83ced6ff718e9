import { describe, expect, expectTypeOf, it } from "vitest";
import type { StickBy } from "../shm/plan.ts";
import { makeStickKey, STICK_KEYS, type StickKeyName } from "./stick-key.ts";

describe("STICK_KEYS", () => {
  it("has a row for each name that a plan may use", () => {
    expectTypeOf<StickKeyName>().toEqualTypeOf<StickBy>();
    expect(Object.keys(STICK_KEYS)).toEqual(["client-id", "source", "user-name"]);
  });

  it("starts as the empty key", () => {
    expect(makeStickKey()).toEqual({ bytes: new Uint8Array(0), offset: 0, length: 0 });
  });
});
