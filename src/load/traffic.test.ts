import { describe, expect, it } from "vitest";
import { LoadUnderTest } from "../../tests/fixtures/load-under-test.ts";
import { IdleTraffic } from "./traffic.ts";

describe("IdleTraffic", () => {
  it("wants nothing and is never done", () => {
    const { nextMs, isDone } = new IdleTraffic();
    expect([nextMs, isDone]).toEqual([Number.POSITIVE_INFINITY, false]);
  });

  it("sends nothing on connections that only stay", async () => {
    const load = new LoadUnderTest({ kind: "conn", connectionCount: 3 });
    await load.until(() => load.count("up") === 3);
    const sent = load.count("sentBytes");
    load.go();
    await load.turns(50);
    expect([load.count("sentBytes"), load.count("published")]).toEqual([sent, 0]);
    load.end();
  });
});
