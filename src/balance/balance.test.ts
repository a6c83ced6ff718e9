import { describe, expect, it } from "vitest";
import { makeChoice, wasTried } from "./balance.ts";

describe("wasTried", () => {
  it("looks at the servers of this client only, in an array that many share", () => {
    const choice = { ...makeChoice(0), tried: Int32Array.of(1, 2, 3, 4), triedStart: 1 };
    expect([1, 2, 3, 4].filter((server) => wasTried(choice, server))).toEqual([]);
    choice.triedCount = 2;
    expect([1, 2, 3, 4].filter((server) => wasTried(choice, server))).toEqual([2, 3]);
  });

  it("is never true in a fresh choice", () => {
    expect(wasTried(makeChoice(4), 0)).toBe(false);
  });
});
