import { describe, expect, it } from "vitest";
import { Scene } from "../../tests/relay/relay-scene.ts";
import { closeRoutes, openRoutes } from "./routes.ts";

describe("openRoutes", () => {
  it("brings a balancer per pool, a table per stick table, an address per server", () => {
    const scene = new Scene({ servers: [{}, {}, {}], stickBy: "source" });
    const { balancers, stickTables, addresses } = scene.context.routes!;
    expect([balancers.length, stickTables.length, addresses.length]).toEqual([1, 1, 3]);
    expect(scene.io.addresses).toEqual(scene.plan.servers.map(({ endpoint }) => endpoint));
  });
});

describe("closeRoutes", () => {
  it("gives every address back", () => {
    const scene = new Scene({ servers: [{}, {}] });
    const { io, servers } = scene.context;
    const again = openRoutes(scene.plan, io, servers, 0);
    closeRoutes(again, io);
    const kept = scene.io.addresses.map((address) => address !== null);
    expect(kept).toEqual([true, true, false, false]);
  });
});
