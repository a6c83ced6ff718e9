import { describe, expect, it } from "vitest";
import { CONNACK, Scene } from "../../tests/relay/relay-scene.ts";
import { AssertionFailure } from "../assert.ts";
import { LivePlans, PLANS_MAX } from "./live-plans.ts";
import type { Routes } from "./routes.ts";

const scene = new Scene({ connectionsMax: 20 });
const { connections, held } = scene.context;

function routesOf(generation: number): Routes {
  const routes = scene.context.routes!;
  return { ...routes, plan: { ...routes.plan, generation } };
}

function withPlans(...generations: number[]): LivePlans {
  const plans = new LivePlans();
  for (const generation of generations) plans.add(routesOf(generation));
  return plans;
}

function generationsOf(routes: readonly Routes[]): number[] {
  return routes.map(({ plan }) => plan.generation);
}

describe("LivePlans", () => {
  it("has the newest for new connections, and knows the oldest", () => {
    const plans = withPlans(4, 5, 6);
    expect(plans.newest?.plan.generation).toBe(6);
    expect([plans.oldestGeneration, plans.hasOlder]).toEqual([4, true]);
    expect(plans.of(plans.newestIndex)).toBe(plans.newest);
  });

  it("has no room beyond its bound, and asserts that nobody passes it", () => {
    const plans = withPlans(...Array.from({ length: PLANS_MAX }, (_, i) => i + 1));
    expect(plans.hasRoom).toBe(false);
    expect(() => plans.add(routesOf(99))).toThrow(AssertionFailure);
  });

  it("takes out all but the newest when nobody needs them", () => {
    const plans = withPlans(1, 2, 3);
    expect(generationsOf(plans.takeUnneeded(connections, held))).toEqual([1, 2]);
    expect([plans.oldestGeneration, plans.hasOlder]).toEqual([3, false]);
  });

  it("keeps what somebody asked for, until it is asked again", () => {
    const plans = withPlans(1, 2);
    plans.need(0);
    expect(plans.takeUnneeded(connections, held)).toEqual([]);
    expect(generationsOf(plans.takeUnneeded(connections, held))).toEqual([1]);
  });

  it("keeps the plan of a connection whose server has not answered, and moves it on then", () => {
    const plans = withPlans(1, 2);
    const slot = scene.relayed();
    connections.plan[slot >> 1] = 0;
    expect(plans.takeUnneeded(connections, held)).toEqual([]);
    scene.io.bring(slot ^ 1, CONNACK);
    expect(generationsOf(plans.takeUnneeded(connections, held))).toEqual([1]);
    expect(connections.plan[slot >> 1]).toBe(plans.newestIndex);
  });

  it("takes out everything in the end", () => {
    const plans = withPlans(1, 2);
    expect(generationsOf(plans.takeAll())).toEqual([1, 2]);
    expect(plans.newest).toBeNull();
  });
});
