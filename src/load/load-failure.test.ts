import { describe, expect, it } from "vitest";
import { describeFailure, FAILURE, FAILURE_KINDS } from "./load-failure.ts";

describe("describeFailure", () => {
  it("has words for every kind", () => {
    for (const kind of FAILURE_KINDS.keys())
      expect(describeFailure(kind, 1)).not.toMatch(/unknown/);
  });

  it("names errors of the kernel and codes of MQTT", () => {
    expect(describeFailure(FAILURE.dial, 111)).toBe("cannot connect: ECONNREFUSED");
    expect(describeFailure(FAILURE.refused, 5)).toBe("CONNACK refuses: not authorized");
    expect(describeFailure(FAILURE.refused, 0x8a)).toBe("CONNACK refuses: 0x8a");
    expect(describeFailure(FAILURE.ended, 0)).toBe("closed by the other end");
    expect(describeFailure(FAILURE.protocol, 3)).toMatch(/type 3$/);
  });
});
