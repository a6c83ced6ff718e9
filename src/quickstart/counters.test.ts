import { describe, expect, it } from "vitest";
import { Gauge } from "./counters.ts";

describe("Gauge", () => {
  it("remembers the highest value it has had", () => {
    const gauge = new Gauge();
    gauge.add(3);
    gauge.add(-2);
    gauge.set(2);
    expect([gauge.count, gauge.max]).toEqual([2, 3]);
    gauge.add(5);
    expect([gauge.count, gauge.max]).toEqual([7, 7]);
  });
});
