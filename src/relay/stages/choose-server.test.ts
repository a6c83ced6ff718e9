import { describe, expect, it } from "vitest";
import { makeHashPlan } from "../../../tests/fixtures/hash-plan.ts";
import {
  CONNACK,
  CONNACK_5,
  CONNECT,
  CONNECT_5,
  connectPacket,
  PINGREQ,
  Scene,
} from "../../../tests/relay/relay-scene.ts";
import { serverIdentity } from "../../balance/server-identity.ts";
import { type Endpoint, makeEndpoint } from "../../bytes/endpoint.ts";
import { ADMIN_DRAIN, ADMIN_MAINTENANCE } from "../../shm/server-state.ts";
import { StickTable } from "../../stick/stick-table.ts";

const THREE = { servers: [{}, {}, {}] };
const BY_CLIENT_ID = { balance: "client-id-hash", hash: makeHashPlan("client-id") } as const;

function byId(clientId: string): Uint8Array {
  return connectPacket({ clientId });
}

/** The server that a client goes to; the client stays. */
function serverFor(scene: Scene, bytes: Uint8Array, peer?: Endpoint): number {
  const slot = scene.relayed(bytes, peer);
  const server = scene.lastDialled;
  scene.io.bring(slot ^ 1, CONNACK);
  return server;
}

describe("chooseServer without a sticky table", () => {
  it("asks the pool's balancer and counts the connection there", () => {
    const scene = new Scene(THREE);
    const chosen = [0, 1, 2, 3].map((i) => serverFor(scene, byId(`d${i}`)));
    expect(new Set(chosen.slice(0, 3)).size).toBe(3);
    expect([0, 1, 2].map((i) => scene.shared.servers.active(i)).sort()).toEqual([1, 1, 2]);
    expect(scene.count("stickMisses")).toBe(0);
  });

  it("hashes the client id, whole and nothing else", () => {
    const scene = new Scene({ servers: Array(6).fill({}), pool: BY_CLIENT_ID });
    const [ann, bob] = [makeEndpoint("192.0.2.1", 1)!, makeEndpoint("192.0.2.2", 2)!];
    const long = "x".repeat(32);
    for (const id of ["a", `${long}1`]) {
      expect(serverFor(scene, byId(id), ann)).toBe(serverFor(scene, byId(id), bob));
    }
    const chosen = ["1", "2", "3", "4"].map((end) => serverFor(scene, byId(long + end)));
    expect(new Set(chosen).size).toBeGreaterThan(1);
  });

  it("hashes the user name, and lets clients without one take turns", () => {
    const pool = { balance: "hash", hash: makeHashPlan("user-name", "map-based") } as const;
    const scene = new Scene({ servers: Array(6).fill({}), pool, connectionsMax: 60 });
    const as = (userName: string, clientId: string) =>
      serverFor(scene, connectPacket({ clientId, userName }));
    expect(as("ann", "1")).toBe(as("ann", "2"));
    const spread = Array.from({ length: 30 }, (_, i) => as(`user-${i}`, "1"));
    expect(new Set(spread).size).toBe(6);
    const turns = Array.from({ length: 6 }, () => serverFor(scene, byId("same")));
    expect(turns).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("hashes the client's address without its port", () => {
    const scene = new Scene({
      servers: Array(4).fill({}),
      pool: { balance: "source-hash", hash: makeHashPlan("source") },
      connectionsMax: 40,
    });
    const from = (host: number, port: number) => makeEndpoint(`192.0.2.${host}`, port)!;
    expect(serverFor(scene, byId("a"), from(1, 1))).toBe(serverFor(scene, byId("b"), from(1, 2)));
    const spread = Array.from({ length: 30 }, (_, i) => serverFor(scene, CONNECT, from(i, 1)));
    expect(new Set(spread).size).toBe(4);
  });

  it("sends clients that leave their id to the server anywhere", () => {
    const scene = new Scene({
      servers: Array(4).fill({}),
      pool: BY_CLIENT_ID,
      connectionsMax: 40,
    });
    const chosen = Array.from({ length: 40 }, () => serverFor(scene, byId("")));
    expect(new Set(chosen).size).toBe(4);
  });

  it("tells why there is no server, the client too", () => {
    const down = new Scene();
    down.shared.servers.setUp(0, false);
    const full = new Scene({ servers: [{ connectionsMax: 1 }] });
    full.relayed();
    for (const [scene, reason] of [
      [down, "no-server-available"],
      [full, "servers-full"],
    ] as const) {
      const slot = scene.client();
      expect([...scene.io.taken(slot)]).toEqual([0x20, 2, 0, 3]);
      scene.io.end(slot);
      expect(scene.reasons()).toEqual([reason]);
    }
    expect(down.leftovers()).toEqual([]);
    expect(full.shared.servers.active(0)).toBe(1);
  });

  it("takes a place that has become free", () => {
    const scene = new Scene({ servers: [{ connectionsMax: 1 }] });
    const first = scene.relayed();
    scene.io.break(first, 104);
    expect(serverFor(scene, CONNECT)).toBe(0);
  });
});

describe("chooseServer with a sticky table", () => {
  it("sends a client where it was before", () => {
    const scene = new Scene({ ...THREE, stickBy: "client-id" });
    const first = serverFor(scene, byId("ann"));
    serverFor(scene, byId("bob"));
    expect(serverFor(scene, byId("ann"))).toBe(first);
    expect(serverFor(scene, byId("ann"))).toBe(first);
    expect(scene.count("stickHits")).toBe(2);
    expect(scene.count("stickMisses")).toBe(2);
    expect(scene.count("stickStores")).toBe(4);
    expect(scene.shared.servers.active(first)).toBe(3);
  });

  it("tells ids apart that share their first 32 characters", () => {
    const scene = new Scene({ ...THREE, stickBy: "client-id" });
    const shared = "x".repeat(32);
    const servers = ["1", "2", "3"].map((end) => serverFor(scene, byId(shared + end)));
    expect(new Set(servers).size).toBe(3);
    expect(["1", "2", "3"].map((end) => serverFor(scene, byId(shared + end)))).toEqual(servers);
  });

  it("knows a client by its address or its user name", () => {
    const from = (host: number, port: number) => makeEndpoint(`192.0.2.${host}`, port)!;
    const bySource = new Scene({ ...THREE, stickBy: "source" });
    const first = serverFor(bySource, byId("a"), from(1, 1));
    serverFor(bySource, byId("b"), from(2, 1));
    expect(serverFor(bySource, byId("c"), from(1, 9))).toBe(first);
    const byUser = new Scene({ ...THREE, stickBy: "user-name" });
    const ann = serverFor(byUser, connectPacket({ clientId: "a", userName: "ann" }));
    serverFor(byUser, connectPacket({ clientId: "b", userName: "bob" }));
    expect(serverFor(byUser, connectPacket({ clientId: "c", userName: "ann" }))).toBe(ann);
  });

  it("remembers nobody without a key", () => {
    const scene = new Scene({ ...THREE, stickBy: "user-name" });
    const chosen = [0, 1, 2].map(() => serverFor(scene, byId("ann")));
    expect(new Set(chosen).size).toBe(3);
    expect(scene.count("stickStores")).toBe(0);
    expect(scene.count("stickMisses")).toBe(0);
  });

  it("remembers only servers that were reached", () => {
    const scene = new Scene({ stickBy: "client-id" });
    scene.client();
    expect(scene.count("stickStores")).toBe(0);
  });

  it("sends clients of a server elsewhere when it cannot take them, and for good", () => {
    const cannot: ((scene: Scene, server: number) => void)[] = [
      (scene, server) => scene.shared.servers.setUp(server, false),
      (scene, server) => scene.shared.servers.setAdmin(server, ADMIN_MAINTENANCE),
      (scene, server) => scene.shared.servers.setConnectionsMax(server, 1),
      (scene, server) => {
        const settings = { weight: 1, connectionsMax: 0, identity: serverIdentity("x"), up: true };
        scene.shared.servers.define(server, settings);
        // Another server has the number now: it would be taken by balancing only.
        scene.shared.servers.setAdmin(server, ADMIN_DRAIN);
      },
    ];
    for (const make of cannot) {
      const scene = new Scene({ servers: [{}, {}], stickBy: "client-id" });
      const first = serverFor(scene, byId("ann"));
      make(scene, first);
      const second = serverFor(scene, byId("ann"));
      expect(second).toBe(1 - first);
      expect(scene.count("stickHits")).toBe(0);
      expect(serverFor(scene, byId("ann"))).toBe(second);
      expect(scene.count("stickHits")).toBe(1);
    }
  });

  it("lets clients come back to a server that is drained or has no weight", () => {
    const scene = new Scene({ servers: [{}, {}], stickBy: "client-id" });
    const first = serverFor(scene, byId("ann"));
    scene.shared.servers.setAdmin(first, ADMIN_DRAIN);
    scene.shared.servers.setWeight(first, 0);
    expect(serverFor(scene, byId("ann"))).toBe(first);
    expect(serverFor(scene, byId("bob"))).toBe(1 - first);
  });

  it("does not insist on a server that has just failed this client", () => {
    const scene = new Scene({ servers: [{}, {}], stickBy: "client-id", pool: { redispatches: 1 } });
    const first = serverFor(scene, byId("ann"));
    const slot = scene.client(byId("ann"));
    expect(scene.lastDialled).toBe(first);
    scene.io.refuse(slot ^ 1, 111);
    expect(scene.lastDialled).toBe(1 - first);
  });
});

describe("a sticky table that follows sessions", () => {
  const EXPIRY = 3_600;
  const NO_END = 0xff_ff_ff_ff;

  function makeScene() {
    const stick = { by: "client-id", table: 0, followsSession: true } as const;
    const scene = new Scene({ servers: [{}, {}], pool: { stick: [stick] } });
    const table = new StickTable(scene.plan.stickTables[0]!, 1);
    const expiries = () => {
      const now = Math.floor(scene.io.now / 1_000);
      return table.list(now, 9).map(({ expiresInSeconds }) => expiresInSeconds);
    };
    return { scene, expiries };
  }

  /** Session Expiry Interval (5.0, 3.1.2.11.2 and 3.2.2.3.2). */
  function interval(seconds: number): number[] {
    return [0x11, seconds >>> 24, (seconds >>> 16) & 255, (seconds >>> 8) & 255, seconds & 255];
  }

  /** CONNECT_5 has an empty list of properties behind its variable header. */
  function connect5(seconds: number): Uint8Array {
    const [type, length, ...rest] = CONNECT_5;
    return Uint8Array.of(
      ...[type!, length! + 5, ...rest.slice(0, 10)],
      ...[5, ...interval(seconds), ...rest.slice(11)],
    );
  }

  function enter(scene: Scene, connect: Uint8Array, answer: Uint8Array): number {
    const slot = scene.relayed(connect);
    scene.io.bring(slot ^ 1, answer);
    return slot;
  }

  function leave(scene: Scene, slot: number): void {
    scene.io.end(slot);
    scene.io.end(slot ^ 1);
    expect(scene.leftovers()).toEqual([]);
  }

  const PERSISTENT = connectPacket({ cleanStart: false });
  const ANSWER_60 = Uint8Array.of(0x20, 8, 0, 0, 5, ...interval(60));
  it.each([
    ["Clean Session 1", CONNECT, CONNACK, []],
    ["Clean Session 0", PERSISTENT, CONNACK, [EXPIRY]],
    ["5.0 without an interval", CONNECT_5, CONNACK_5, []],
    ["an interval of 0", connect5(0), CONNACK_5, []],
    ["an interval of 600", connect5(600), CONNACK_5, [600]],
    ["an interval beyond the expiry", connect5(EXPIRY + 1), CONNACK_5, [EXPIRY]],
    ["an interval without end", connect5(NO_END), CONNACK_5, [EXPIRY]],
    ["an interval that the server shortens", connect5(600), ANSWER_60, [60]],
    ["an interval that the server gives", CONNECT_5, ANSWER_60, [60]],
  ] as const)("remembers after %s for as long as that says", (_, connect, answer, after) => {
    const { scene, expiries } = makeScene();
    const slot = enter(scene, connect, answer);
    expect(expiries()).toEqual([EXPIRY]);
    leave(scene, slot);
    expect(expiries()).toEqual(after);
  });

  const disconnect = (...properties: readonly number[]) =>
    Uint8Array.of(0xe0, 2 + properties.length, 0, properties.length, ...properties);
  it.each([
    ["a shorter interval", connect5(600), disconnect(...interval(30)), [30]],
    ["a longer interval", connect5(600), disconnect(...interval(900)), [900]],
    ["an end of the session", connect5(600), disconnect(...interval(0)), []],
    ["no end of it", connect5(600), disconnect(...interval(NO_END)), [EXPIRY]],
    ["nothing of it", connect5(600), disconnect(), [600]],
    ["what it may not say any more", connect5(0), disconnect(...interval(900)), []],
  ] as const)("goes by a DISCONNECT that says %s, however it is cut", (_, connect, bye, after) => {
    for (let at = 1; at <= bye.length; at++) {
      const { scene, expiries } = makeScene();
      const slot = enter(scene, connect, CONNACK_5);
      scene.io.taken(slot ^ 1);
      scene.io.bring(slot, Uint8Array.of(...PINGREQ, ...bye.subarray(0, at)));
      if (at < bye.length) scene.io.bring(slot, bye.subarray(at));
      expect([...scene.io.taken(slot ^ 1)]).toEqual([...PINGREQ, ...bye]);
      leave(scene, slot);
      expect(expiries()).toEqual(after);
    }
  });

  it("learns nothing from a server that refuses, nor forgets what it knows", () => {
    const { scene, expiries } = makeScene();
    leave(scene, enter(scene, connect5(600), CONNACK_5));
    enter(scene, CONNECT_5, Uint8Array.of(0x20, 3, 0, 0x87, 0));
    expect(expiries()).toEqual([600]);
  });

  it("remembers for the connection that came last, whichever ends first", () => {
    const { scene, expiries } = makeScene();
    const old = enter(scene, CONNECT, CONNACK);
    const slot = enter(scene, PERSISTENT, CONNACK);
    expect(scene.lastDialled).toBe(0);
    scene.io.end(old ^ 1);
    scene.io.end(old);
    expect(expiries()).toEqual([EXPIRY]);
    leave(scene, slot);
    expect(expiries()).toEqual([EXPIRY]);
  });
});
