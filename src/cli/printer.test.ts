import { describe, expect, it } from "vitest";
import { describeError } from "./printer.ts";

describe("describeError", () => {
  it("tells what went wrong and where that came from", () => {
    const cause = new Error("no memory left");
    const error = new Error("Cannot start a worker", { cause });
    expect(describeError(error)).toBe("Cannot start a worker: no memory left");
  });

  it("says nothing twice", () => {
    const cause = new Error("is in use");
    expect(describeError(new Error("Cannot bind: is in use", { cause }))).toBe(
      "Cannot bind: is in use",
    );
    expect(describeError("interrupted")).toBe("interrupted");
  });
});
