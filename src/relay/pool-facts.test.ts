import { describe, expect, it } from "vitest";
import { Scene } from "../../tests/relay/relay-scene.ts";
import { LivePoolFacts } from "./pool-facts.ts";

describe("LivePoolFacts", () => {
  it("sums what shared memory says of a pool's servers", () => {
    const scene = new Scene({ servers: [{ connectionsMax: 3 }, { connectionsMax: 2 }, {}] });
    const facts = new LivePoolFacts(scene.context, 1);
    expect([facts.usableServers(0), facts.freeSlots(0)]).toEqual([3, -1]);
    scene.shared.servers.setUp(2, false);
    scene.relayed();
    scene.relayed();
    expect(facts.usableServers(0)).toBe(2);
    expect(facts.freeSlots(0)).toBe(3);
    expect(facts.poolConnections(0)).toBe(2);
    expect([0, 1, 2].map((server) => facts.isServerUp(server))).toEqual([true, true, false]);
    expect(facts.serverConnections(0)).toBe(1);
    expect(facts.serverWeight(0)).toBe(1);
    expect(facts.listenerConnections(0)).toBe(2);
  });

  it("takes this worker's rate for each of its siblings too", () => {
    const scene = new Scene();
    const facts = new LivePoolFacts(scene.context, 4);
    facts.pools.note(0, scene.io.now);
    facts.listeners.note(0, scene.io.now);
    expect([facts.poolRate(0), facts.listenerRate(0)]).toEqual([4, 4]);
  });
});
