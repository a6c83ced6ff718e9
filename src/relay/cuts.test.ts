import { describe, expect, it } from "vitest";
import { CONNECT_5, Scene } from "../../tests/relay/relay-scene.ts";

describe("Cuts", () => {
  it("end the connections of one server when that is ordered, and no others", () => {
    const scene = new Scene({ servers: [{}, {}] });
    const slots = [0, 1, 2, 3].map(() => scene.accepted());
    scene.relay.carryOutCuts();
    expect(scene.relay.connectionCount).toBe(4);
    scene.shared.servers.cutConnections(1);
    for (let i = 0; i < 2; i++) scene.io.run(() => scene.relay.carryOutCuts());
    expect(scene.reasons()).toEqual(["server-cut", "server-cut"]);
    expect([0, 1].map((server) => scene.shared.servers.active(server))).toEqual([2, 0]);
    expect(slots.length).toBe(4);
  });

  it("tell a client of 5.0 to come back elsewhere", () => {
    const scene = new Scene();
    const slot = scene.accepted(CONNECT_5);
    scene.shared.servers.cutConnections(0);
    scene.relay.carryOutCuts();
    const words = scene.io.taken(slot);
    expect([words[0], words[2]]).toEqual([0xe0, 0x9c]);
  });

  it("do not end those who come afterwards", () => {
    const scene = new Scene();
    scene.shared.servers.cutConnections(0);
    scene.relay.carryOutCuts();
    scene.accepted();
    scene.relay.carryOutCuts();
    expect(scene.relay.connectionCount).toBe(1);
  });
});
