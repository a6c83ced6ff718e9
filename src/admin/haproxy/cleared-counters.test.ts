import { describe, expect, it } from "vitest";
import { ClearedCounters } from "./cleared-counters.ts";

const row = (stot: number, scur: number) => ({ pxname: "p", svname: "b1", stot, scur, weight: 1 });

describe("ClearedCounters", () => {
  it("shows what came since, and leaves what is no counter", () => {
    const cleared = new ClearedCounters();
    expect(cleared.apply(row(10, 4))).toEqual(row(10, 4));
    cleared.clear([row(10, 4)]);
    expect(cleared.apply(row(13, 5))).toEqual(row(3, 5));
    expect(cleared.apply({ ...row(13, 5), svname: "b2" })).toMatchObject({ stot: 13 });
  });

  it("takes nothing from a counter that has begun anew", () => {
    const cleared = new ClearedCounters();
    cleared.clear([row(10, 4)]);
    expect(cleared.apply(row(2, 2))).toEqual(row(2, 2));
  });
});
