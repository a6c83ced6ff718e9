import { describe, expect, it } from "vitest";
import { Scene } from "../../tests/relay/relay-scene.ts";

describe("RelayContext.poolOf and listenerOf", () => {
  it("makes the plan's rows reachable from a connection", () => {
    const scene = new Scene();
    scene.io.accept();
    const { context, plan } = scene;
    expect(context.poolOf(0)).toBe(plan.pools[0]);
    expect(context.listenerOf(0)).toBe(plan.listeners[0]);
  });
});

describe("RelayContext.nextRandom", () => {
  it("draws the same int32 numbers from the same seed, all different", () => {
    const [one, other] = [new Scene().context, new Scene().context];
    const draws = Array.from({ length: 1_000 }, () => one.nextRandom());
    expect(draws).toEqual(Array.from({ length: 1_000 }, () => other.nextRandom()));
    expect(draws.every((draw) => draw === (draw | 0))).toBe(true);
    expect(new Set(draws).size).toBe(1_000);
  });
});
