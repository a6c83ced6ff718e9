import { describe, expect, it } from "vitest";
import { CONNECT, CONNECT_5, connectPacket, Scene } from "../../tests/relay/relay-scene.ts";
import {
  ADMIN_DRAIN,
  ADMIN_READY,
  EVICTING_ALL,
  EVICTING_NOBODY,
  EVICTING_NOW,
  EVICTING_SURPLUS,
} from "../shm/server-state.ts";

const WITH_SESSION = connectPacket({ cleanStart: false });
const PUBLISH_QOS_1 = Uint8Array.of(0x32, 5, 0, 1, 0x61, 0, 7);
const PUBACK = Uint8Array.of(0x40, 2, 0, 7);

/** What the control plane orders, and a turn after it. */
function evict(scene: Scene, count: number, evicting = EVICTING_ALL, server = 0): void {
  const isDrained = evicting !== EVICTING_SURPLUS;
  scene.shared.servers.setAdmin(server, isDrained ? ADMIN_DRAIN : ADMIN_READY);
  scene.shared.servers.setEvicting(server, evicting);
  scene.shared.servers.evictions.grant(server, 0, count);
  carryOut(scene);
}

function carryOut(scene: Scene): void {
  for (let i = 0; i < 2; i++) scene.io.run(() => scene.relay.carryOutCuts());
}

function remind(scene: Scene): void {
  scene.shared.servers.evictions.remind();
  carryOut(scene);
}

describe("Evictions", () => {
  it("move as many as were granted, of that server alone", () => {
    const scene = new Scene({ servers: [{}, {}] });
    for (let i = 0; i < 6; i++) scene.accepted();
    evict(scene, 2);
    expect(scene.reasons()).toEqual(["moved-by-drain", "moved-by-drain"]);
    const { servers } = scene.shared;
    expect([servers.active(0), servers.active(1)]).toEqual([1, 3]);
    expect([servers.evictions.moved(0), servers.evictions.outstanding(0, 0)]).toEqual([2, 0]);
    expect(scene.count("evictions")).toBe(2);
  });

  it("tell a client of 5.0 to use another server, and one of 3.1.1 nothing", () => {
    const scene = new Scene();
    const [five, four] = [scene.accepted(CONNECT_5), scene.accepted(CONNECT)];
    evict(scene, 2);
    const words = scene.io.taken(five);
    expect([words[0], words[2]]).toEqual([0xe0, 0x9c]);
    // It may take its time to read that; its server is rid of it.
    expect(scene.shared.servers.active(0)).toBe(0);
    expect(scene.io.taken(four)).toHaveLength(0);
  });

  it("tell a client of 5.0 that a server which it leaves for good has moved", () => {
    const scene = new Scene();
    const five = scene.accepted(CONNECT_5);
    scene.shared.servers.setParting(0, { isForGood: true, discardsWills: false });
    evict(scene, 1);
    const words = scene.io.taken(five);
    expect([words[0], words[2]]).toEqual([0xe0, 0x9d]);
  });

  it("say goodbye to the server for clients whose wills it is to discard", () => {
    const scene = new Scene();
    const slots = [scene.accepted(CONNECT_5), scene.accepted(CONNECT)];
    const busy = scene.accepted();
    scene.io.bring(busy, PUBLISH_QOS_1.subarray(0, 4));
    scene.io.taken(busy ^ 1);
    scene.shared.servers.setParting(0, { isForGood: false, discardsWills: true });
    evict(scene, 2);
    for (const slot of slots) expect([...scene.io.taken(slot ^ 1)]).toEqual([0xe0, 0]);
    evict(scene, 1, EVICTING_NOW);
    expect(scene.shared.servers.active(0)).toBe(0);
    expect(scene.io.taken(busy ^ 1)).toHaveLength(0);
  });

  it("name the servers that have public names, but not the one that is emptied", () => {
    const publicNames = ["a.example", "b.example:1884", "c.example"];
    const scene = new Scene({ servers: publicNames.map((publicName) => ({ publicName })) });
    const slot = scene.accepted(CONNECT_5);
    scene.shared.servers.setUp(2, false);
    evict(scene, 1);
    const words = new TextDecoder().decode(scene.io.taken(slot));
    expect(words).toContain("b.example:1884");
    expect(words).not.toContain("c.example");
  });

  it("begin with those who keep no session, and end with those who have requests under way", () => {
    const scene = new Scene();
    const slots = [CONNECT, WITH_SESSION, CONNECT].map((connect) => scene.accepted(connect));
    scene.io.bring(slots[0]!, PUBLISH_QOS_1);
    scene.io.taken(slots[0]! ^ 1);
    const left = () => slots.filter((slot) => scene.io.openSlots.includes(slot));
    evict(scene, 1);
    expect(left()).toEqual([slots[0], slots[1]]);
    evict(scene, 1);
    expect(left()).toEqual([slots[0]]);
    scene.io.bring(slots[0]! ^ 1, PUBACK);
    evict(scene, 1);
    expect(left()).toEqual([]);
  });

  it("wait for the end of a packet, in either direction", () => {
    const scene = new Scene();
    const slot = scene.accepted();
    scene.io.bring(slot, PUBLISH_QOS_1.subarray(0, 4));
    scene.io.taken(slot ^ 1);
    evict(scene, 1);
    expect(scene.relay.connectionCount).toBe(1);
    scene.io.bring(slot, PUBLISH_QOS_1.subarray(4));
    scene.io.taken(slot ^ 1);
    remind(scene);
    expect(scene.reasons()).toEqual(["moved-by-drain"]);
  });

  it("leave a client alone that still waits for its CONNACK", () => {
    const scene = new Scene();
    const slot = scene.relayed();
    evict(scene, 1);
    expect(scene.relay.connectionCount).toBe(1);
    scene.io.bring(slot ^ 1, Uint8Array.of(0x20, 2, 0, 0));
    remind(scene);
    expect(scene.reasons()).toEqual(["moved-by-drain"]);
  });

  it("end everybody once the time is up", () => {
    const scene = new Scene();
    scene.relayed();
    const slot = scene.accepted();
    scene.io.bring(slot, PUBLISH_QOS_1.subarray(0, 4));
    scene.client();
    evict(scene, 3, EVICTING_NOW);
    expect(scene.shared.servers.evictions.moved(0)).toBe(3);
    expect(scene.shared.servers.active(0)).toBe(0);
  });

  it("do nothing any more once they were stopped", () => {
    const scene = new Scene();
    scene.accepted();
    scene.shared.servers.evictions.grant(0, 0, 1);
    scene.shared.servers.setEvicting(0, EVICTING_NOBODY);
    carryOut(scene);
    expect(scene.relay.connectionCount).toBe(1);
  });

  it("send a sticky client elsewhere when it comes back, while its server drains", () => {
    const scene = new Scene({ servers: [{}, {}], stickBy: "client-id" });
    scene.accepted();
    expect(scene.lastDialled).toBe(0);
    evict(scene, 1);
    scene.accepted();
    scene.accepted(connectPacket({ clientId: "new" }));
    expect([scene.shared.servers.active(0), scene.shared.servers.active(1)]).toEqual([0, 2]);
  });

  it("let newcomers to a server with a surplus when nobody else has room", () => {
    const scene = new Scene({ servers: [{}, {}] });
    const { servers } = scene.shared;
    servers.setEvicting(0, EVICTING_SURPLUS);
    for (let i = 0; i < 3; i++) scene.accepted();
    expect([servers.active(0), servers.active(1)]).toEqual([0, 3]);
    servers.setUp(1, false);
    scene.accepted();
    expect([servers.active(0), servers.active(1)]).toEqual([1, 3]);
  });

  it("forget where a client of the surplus went, and keep the others", () => {
    const scene = new Scene({ servers: [{ weight: 256 }, {}], stickBy: "client-id" });
    scene.accepted();
    evict(scene, 1, EVICTING_SURPLUS);
    expect(scene.reasons()).toEqual(["moved-for-balance"]);
    const misses = scene.count("stickMisses");
    scene.accepted();
    expect(scene.count("stickMisses")).toBe(misses + 1);
  });
});
