import { describe, expect, it } from "vitest";
import { AssertionFailure, assert, unreachable } from "./assert.ts";

describe("assert", () => {
  it("lets a fact pass and says which one does not hold", () => {
    assert(true, "this holds");
    expect(() => assert(false, "this does not")).toThrow(new AssertionFailure("this does not"));
  });
});

describe("unreachable", () => {
  it("names the value that should not be", () => {
    expect(() => unreachable("odd" as never)).toThrow("Unreachable value: odd");
  });
});
