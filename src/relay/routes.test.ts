import { describe, expect, it } from "vitest";
import { Scene } from "../../tests/relay/relay-scene.ts";
import { openRoutes } from "./routes.ts";

describe("openRoutes", () => {
  it("brings a balancer per pool and a table per sticky table", () => {
    const scene = new Scene({ servers: [{}, {}, {}], stickBy: "source" });
    const { balancers, stickTables } = scene.context.routes!;
    expect([balancers.length, stickTables.length]).toEqual([1, 1]);
  });

  it("takes balancers over whose memory has stayed, and opens those with new memory", () => {
    const { context, plan } = new Scene({ servers: [{}, {}] });
    const previous = context.routes!;
    const { servers, tickets } = context;
    const options = { servers, tickets, worker: 0, previous };
    const same = openRoutes({ ...options, plan: { ...plan, generation: 2 } });
    expect(same.balancers[0]).toBe(previous.balancers[0]);
    const balanceMemories = [{ ...plan.balanceMemories[0]!, generation: 2 }];
    const other = openRoutes({ ...options, plan: { ...plan, generation: 2, balanceMemories } });
    expect(other.balancers[0]).not.toBe(previous.balancers[0]);
  });
});
