import { describe, expect, it } from "vitest";
import { CONNACK, CONNACK_5, connectPacket, Scene } from "../../tests/relay/relay-scene.ts";
import { serverIdentity } from "../balance/server-identity.ts";
import { type Endpoint, makeEndpoint } from "../bytes/endpoint.ts";
import { parseCondition } from "../rules/parse-condition.ts";
import type { StickPlan } from "../shm/stick-plan.ts";
import { StickTable } from "../stick/stick-table.ts";

const SERVERS = [{}, {}, {}, {}, {}, {}];
const BY_ID = { by: "client-id", table: 0 } as const;
const BY_USER = { by: "user-name", table: 0 } as const;

interface Client {
  readonly clientId?: string;
  readonly userName?: string;
  readonly level?: 4 | 5;
}

function sceneWith(...stick: readonly StickPlan[]): Scene {
  return new Scene({ servers: SERVERS, pool: { stick }, connectionsMax: 60 });
}

/** The server that a client goes to; it stays. */
function serverFor(scene: Scene, client: Client, peer?: Endpoint): number {
  const slot = scene.relayed(connectPacket(client), peer);
  const server = scene.lastDialled;
  scene.io.bring(slot ^ 1, client.level === 5 ? CONNACK_5 : CONNACK);
  return server;
}

function tableOf(scene: Scene, number = 0): StickTable {
  return new StickTable(scene.plan.stickTables[number]!, 1);
}

function textsIn(table: StickTable): string[] {
  return table.list(0, 99).map(({ key }) => Buffer.from(key).toString());
}

describe("a server whose clients are not remembered", () => {
  it("keeps nobody, and what was remembered of them stays", () => {
    const servers = [{}, { backup: true, sticks: false }];
    const scene = new Scene({ servers, stickBy: "client-id" });
    expect(serverFor(scene, { clientId: "a" })).toBe(0);
    scene.shared.servers.setUp(0, false);
    expect([serverFor(scene, { clientId: "a" }), serverFor(scene, { clientId: "b" })]).toEqual([
      1, 1,
    ]);
    expect(textsIn(tableOf(scene))).toEqual(["a"]);
    expect(scene.count("stickStores")).toBe(1);
    scene.shared.servers.setUp(0, true);
    expect(serverFor(scene, { clientId: "a" })).toBe(0);
  });

  it("holds no session of theirs, though they say goodbye", () => {
    const servers = [{ sticks: false }];
    const stick = [{ ...BY_ID, followsSession: true }];
    const scene = new Scene({ servers, pool: { stick } });
    const slot = scene.relayed(connectPacket({ clientId: "a", level: 5 }));
    scene.io.bring(slot ^ 1, CONNACK_5);
    scene.io.end(slot);
    scene.io.end(slot ^ 1);
    expect(textsIn(tableOf(scene))).toEqual([]);
    expect(scene.leftovers()).toEqual([]);
  });
});

describe("several rules of a pool", () => {
  it("are asked in order: the first whose table knows the client counts", () => {
    const scene = sceneWith(BY_ID, { ...BY_USER, table: 1 });
    const [first, second] = [
      serverFor(scene, { clientId: "a", userName: "ann" }),
      serverFor(scene, { clientId: "b", userName: "bob" }),
    ];
    expect(second).not.toBe(first);
    expect(serverFor(scene, { clientId: "new", userName: "bob" })).toBe(second);
    expect(serverFor(scene, { clientId: "a", userName: "bob" })).toBe(first);
  });

  it("store in each table by the first of its rules that has a key", () => {
    const scene = sceneWith(BY_USER, BY_ID, { ...BY_ID, table: 1 });
    serverFor(scene, { clientId: "a", userName: "ann" });
    serverFor(scene, { clientId: "b" });
    expect(textsIn(tableOf(scene)).sort()).toEqual(["ann", "b"]);
    expect(textsIn(tableOf(scene, 1)).sort()).toEqual(["a", "b"]);
  });

  it("pass a client by whom an earlier rule of the table has a key for, as HAProxy does", () => {
    const scene = sceneWith(BY_USER, BY_ID);
    const first = serverFor(scene, { clientId: "a" });
    expect(serverFor(scene, { clientId: "a", userName: "ann" })).not.toBe(first);
    expect(serverFor(scene, { clientId: "a" })).toBe(first);
  });

  it("only match, or only store, where they say so", () => {
    const scene = sceneWith({ ...BY_ID, stores: false }, { ...BY_USER, matches: false });
    const first = serverFor(scene, { clientId: "x", userName: "ann" });
    expect(textsIn(tableOf(scene))).toEqual(["ann"]);
    expect(serverFor(scene, { clientId: "y", userName: "ann" })).not.toBe(first);
    const last = serverFor(scene, { clientId: "z", userName: "id-of-another" });
    expect(serverFor(scene, { clientId: "id-of-another" })).toBe(last);
  });
});

describe("a rule with a condition", () => {
  const condition = parseCondition("{ mqtt.level 5 }").plan!;
  const source = makeEndpoint("192.0.2.1", 1)!;

  it("is about those alone for whom that holds", () => {
    const scene = sceneWith({ ...BY_ID, condition });
    const five = { clientId: "five", level: 5 } as const;
    const first = serverFor(scene, five);
    expect(serverFor(scene, { clientId: "four" })).not.toBe(first);
    expect(serverFor(scene, five)).toBe(first);
    expect(textsIn(tableOf(scene))).toEqual(["five"]);
  });

  it("leaves the others to the rules behind it", () => {
    const scene = sceneWith({ ...BY_ID, condition }, { by: "source", table: 0 });
    const first = serverFor(scene, { clientId: "four" }, source);
    expect(serverFor(scene, { clientId: "five", level: 5 }, source)).not.toBe(first);
    expect(serverFor(scene, { clientId: "other" }, source)).toBe(first);
  });
});

describe("a table that pools share", () => {
  const SHARED = { ...BY_ID, isShared: true };

  function stored(servers: readonly { name: string; id: number }[], isShared: boolean): Scene {
    const stick = [{ ...SHARED, isShared }];
    const scene = new Scene({ servers, pool: { stick, servers: [0, 1] } as object });
    const { plan } = scene;
    tableOf(scene).store(
      { bytes: Buffer.from("ann"), offset: 0, length: 3 },
      { server: 2, identity: serverIdentity(plan.servers[2]!.name) },
      0,
    );
    return scene;
  }

  it("means the server of the same name, wherever that is", () => {
    const servers = [
      { name: "a", id: 1 },
      { name: "b", id: 2 },
      { name: "b", id: 1 },
    ];
    expect(serverFor(stored(servers, true), { clientId: "ann" })).toBe(1);
  });

  it("means the server of the same id where no name is the same", () => {
    const servers = [
      { name: "a", id: 1 },
      { name: "b", id: 2 },
      { name: "tls-b", id: 2 },
    ];
    expect(serverFor(stored(servers, true), { clientId: "ann" })).toBe(1);
  });

  it("means nobody where neither is, or the table is no other's", () => {
    const servers = [
      { name: "a", id: 1 },
      { name: "b", id: 2 },
      { name: "c", id: 3 },
    ];
    const scene = stored(servers, true);
    serverFor(scene, { clientId: "ann" });
    expect(scene.count("stickHits")).toBe(0);
    const own = stored([servers[0]!, servers[1]!, { name: "b", id: 2 }], false);
    serverFor(own, { clientId: "ann" });
    expect(own.count("stickHits")).toBe(0);
  });
});

describe("a client that leaves its id to the server", () => {
  const ASSIGNED = [0x12, 0, 3, ...Buffer.from("ann")];
  const ANSWER = Uint8Array.of(0x20, 3 + ASSIGNED.length, 0, 0, ASSIGNED.length, ...ASSIGNED);

  it("is remembered by the id that it was given", () => {
    const scene = sceneWith(BY_ID);
    const slot = scene.relayed(connectPacket({ clientId: "", level: 5 }));
    const server = scene.lastDialled;
    scene.io.bring(slot ^ 1, ANSWER);
    expect(textsIn(tableOf(scene))).toEqual(["ann"]);
    expect(serverFor(scene, { clientId: "ann", level: 5 })).toBe(server);
  });

  it("keeps its own id where it has one", () => {
    const scene = sceneWith(BY_ID);
    const slot = scene.relayed(connectPacket({ clientId: "bob", level: 5 }));
    scene.io.bring(slot ^ 1, ANSWER);
    expect(textsIn(tableOf(scene))).toEqual(["bob"]);
  });
});
