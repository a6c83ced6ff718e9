import { generate } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import {
  CONNACK,
  CONNACK_5,
  CONNECT,
  CONNECT_5,
  DISCONNECT,
  PINGRESP,
  Scene,
} from "../../../tests/relay/relay-scene.ts";
import { PIECE_SIZE } from "../../../tests/relay/scripted-io.ts";

const BUSY = Uint8Array.of(0x20, 2, 0, 3);
const BUSY_5 = Uint8Array.of(0x20, 3, 0, 0x89, 0);
const UNAVAILABLE_5 = Uint8Array.of(0x20, 3, 0, 0x88, 0);
const REFUSED = Uint8Array.of(0x20, 2, 0, 5);
const AUTH = Uint8Array.of(0xf0, 2, 0x18, 0);
const THREE = { servers: [{}, {}, {}], pool: { redispatches: 2 } };

/** The slot of the server that is dialled now. */
function dialled(scene: Scene, slot: number): number {
  scene.io.establish(slot ^ 1);
  return scene.lastDialled;
}

describe("onAnswerBytes", () => {
  it.each([
    [CONNECT, CONNACK],
    [CONNECT_5, CONNACK_5],
    [CONNECT, REFUSED],
  ])("passes an answer on in one piece, however it was split", (connect, answer) => {
    for (let at = 1; at < answer.length; at++) {
      const scene = new Scene();
      const slot = scene.relayed(connect);
      scene.io.bring(slot ^ 1, answer.subarray(0, at));
      expect(scene.io.taken(slot)).toEqual(new Uint8Array(0));
      scene.io.bring(slot ^ 1, Uint8Array.from([...answer.subarray(at), ...PINGRESP]));
      expect(scene.io.taken(slot)).toEqual(Uint8Array.from([...answer, ...PINGRESP]));
      expect(scene.io.pool.used).toBe(0);
    }
  });

  it.each([
    [CONNECT, BUSY, CONNACK],
    [CONNECT_5, BUSY_5, CONNACK_5],
    [CONNECT_5, UNAVAILABLE_5, CONNACK_5],
  ])(
    "goes to the next server when one is busy; the client sees what counts",
    (connect, busy, good) => {
      const scene = new Scene(THREE);
      const slot = scene.client(connect);
      const first = dialled(scene, slot);
      scene.io.taken(slot ^ 1);
      scene.io.bring(slot ^ 1, busy);
      const second = dialled(scene, slot);
      expect(second).not.toBe(first);
      expect(scene.io.taken(slot ^ 1)).toEqual(connect);
      scene.io.bring(slot ^ 1, good);
      expect(scene.io.taken(slot)).toEqual(good);
      expect(scene.count("busyAnswers")).toBe(1);
      expect(scene.shared.servers.failures(first)).toBe(1);
    },
  );

  it("refuses the client in its own version when every server is busy", () => {
    for (const [connect, busy, refusal] of [
      [CONNECT, BUSY, [0x20, 2, 0, 3]],
      [CONNECT_5, BUSY_5, [0x20, 0x89]],
    ] as const) {
      const scene = new Scene({ servers: [{}, {}], pool: { redispatches: 5 } });
      const slot = scene.client(connect);
      dialled(scene, slot);
      scene.io.bring(slot ^ 1, busy);
      dialled(scene, slot);
      scene.io.bring(slot ^ 1, busy);
      const words = scene.io.taken(slot);
      for (const byte of refusal) expect([...words]).toContain(byte);
      scene.io.end(slot);
      expect(scene.reasons()).toEqual(["servers-busy"]);
      expect(scene.leftovers()).toEqual([]);
    }
  });

  it("passes a busy answer on when no attempt is left, or more was sent behind the CONNECT", () => {
    const spent = new Scene({ servers: [{}, {}], pool: { redispatches: 0 } });
    const slot = spent.relayed();
    spent.io.bring(slot ^ 1, BUSY);
    expect(spent.io.taken(slot)).toEqual(BUSY);
    const hasty = new Scene(THREE);
    const other = hasty.relayed();
    hasty.io.bring(other, DISCONNECT);
    hasty.io.bring(other ^ 1, BUSY);
    expect(hasty.io.taken(other)).toEqual(BUSY);
  });

  it("passes on what is no CONNACK as it comes", () => {
    // AUTH is a packet of 5.0 only.
    for (const [connect, answer] of [
      [CONNECT_5, PINGRESP],
      [CONNECT, AUTH],
    ] as const) {
      const scene = new Scene();
      const slot = scene.relayed(connect);
      scene.io.bring(slot ^ 1, answer);
      scene.io.bring(slot ^ 1, CONNACK);
      expect(scene.io.taken(slot)).toEqual(Uint8Array.from([...answer, ...CONNACK]));
      expect(scene.count("connacksFromServers", 0)).toBe(0);
    }
  });

  it("passes AUTH on as it comes, and reads the CONNACK behind it, however both were split", () => {
    const said = Uint8Array.from([...AUTH, ...AUTH, ...CONNACK_5, ...PINGRESP]);
    const told = [...AUTH, ...AUTH, 0x20, 8, 0, 0, 5, 0x27, 0, 0, 3, 0xe8, ...PINGRESP];
    for (let at = 1; at < said.length; at++) {
      const bounds = { packetSizeMaxBytes: 1_000 };
      const scene = new Scene({ listener: bounds, stickBy: "client-id", servers: [{}, {}] });
      const slot = scene.relayed(CONNECT_5);
      const server = scene.lastDialled;
      scene.io.bring(slot ^ 1, said.subarray(0, at));
      const first = scene.io.taken(slot);
      const whole = Math.floor(Math.min(at, 2 * AUTH.length) / AUTH.length) * AUTH.length;
      expect(first.length).toBeGreaterThanOrEqual(whole);
      scene.io.bring(slot ^ 1, said.subarray(at));
      expect([...first, ...scene.io.taken(slot)]).toEqual(told);
      expect(scene.io.pool.used).toBe(0);
      scene.relayed(CONNECT_5);
      expect(scene.lastDialled).toBe(server);
    }
  });

  it("keeps a client that was asked for more with the server that has asked", () => {
    const scene = new Scene(THREE);
    const slot = scene.relayed(CONNECT_5);
    const server = scene.lastDialled;
    scene.io.bring(slot ^ 1, AUTH);
    scene.io.bring(slot, AUTH);
    scene.io.bring(slot ^ 1, BUSY_5);
    expect(scene.io.taken(slot)).toEqual(Uint8Array.from([...AUTH, ...BUSY_5]));
    expect(scene.lastDialled).toBe(server);
  });

  it("tells a client of 5.0 what its listener bounds, however the answer was split", () => {
    const allow = { levels: [4, 5], qosMax: 1, retain: false };
    const bounds = { allow, packetSizeMaxBytes: 1_000 };
    const said = Uint8Array.of(0x20, 5, 1, 0, 2, 0x24, 0);
    const told = [0x20, 12, 1, 0, 9, 0x24, 0, 0x25, 0, 0x27, 0, 0, 3, 0xe8];
    for (let at = 1; at <= said.length; at++) {
      const scene = new Scene({ listener: bounds });
      const slot = scene.relayed(CONNECT_5);
      scene.io.bring(slot ^ 1, said.subarray(0, at));
      scene.io.bring(slot ^ 1, Uint8Array.from([...said.subarray(at), ...PINGRESP]));
      expect([...scene.io.taken(slot)]).toEqual([...told, ...PINGRESP]);
      expect(scene.io.pool.used).toBe(0);
    }
  });

  it("tells it in the largest answer there can be, with others behind its last byte", () => {
    const scene = new Scene({ listener: { packetSizeMaxBytes: 1_000 } });
    const slot = scene.relayed(CONNECT_5);
    const text = 65_528;
    // Packet and property lengths of three bytes; a Reason String fills the rest.
    const head = [0x20, 0x80, 0x80, 4, 0, 0, 0xfb, 0xff, 3, 0x1f, text >> 8, text & 0xff];
    const said = new Uint8Array(4 + 65_536).fill(0x61);
    said.set(head);
    for (let at = 0; at < said.length - 1; at += PIECE_SIZE) {
      scene.io.bring(slot ^ 1, said.subarray(at, Math.min(at + PIECE_SIZE, said.length - 1)));
    }
    expect(scene.io.taken(slot)).toEqual(new Uint8Array(0));
    const behind = Array.from({ length: PIECE_SIZE / 4 }, () => [...PINGRESP]).flat();
    scene.io.bring(slot ^ 1, Uint8Array.from([0x61, ...behind]));
    const told = scene.io.taken(slot);
    expect(told.length).toBe(said.length + 5 + behind.length);
    expect([...told.subarray(said.length, said.length + 7)]).toEqual([
      ...[0x27, 0, 0, 3, 0xe8],
      ...PINGRESP,
    ]);
    expect(scene.io.pool.used).toBe(0);
  });

  it("tells nothing to 3.1.1, with a refusal, or where nothing is bounded", () => {
    const bounds = { packetSizeMaxBytes: 1_000 };
    const refused = Uint8Array.of(0x20, 3, 0, 0x87, 0);
    for (const [connect, answer, listener] of [
      [CONNECT, CONNACK, bounds],
      [CONNECT_5, refused, bounds],
      [CONNECT_5, CONNACK_5, {}],
    ] as const) {
      const scene = new Scene({ listener });
      const slot = scene.relayed(connect);
      scene.io.bring(slot ^ 1, answer);
      expect(scene.io.taken(slot)).toEqual(answer);
    }
  });

  it("tells a client no more than it takes at once", () => {
    const scene = new Scene({ listener: { packetSizeMaxBytes: 1_000 } });
    const properties = { maximumPacketSize: 9 };
    const connect = { cmd: "connect", clientId: "small", protocolVersion: 5, properties } as const;
    const slot = scene.relayed(
      Uint8Array.from(generate({ ...connect, clean: true, keepalive: 0 })),
    );
    scene.io.bring(slot ^ 1, CONNACK_5);
    expect(scene.io.taken(slot)).toEqual(CONNACK_5);
  });

  it("lets a client stick only once its server has let it in", () => {
    const scene = new Scene({ servers: [{}, {}], stickBy: "client-id" });
    const refused = scene.relayed();
    scene.io.bring(refused ^ 1, REFUSED);
    expect(scene.count("stickStores")).toBe(0);
    const accepted = scene.relayed();
    scene.io.bring(accepted ^ 1, CONNACK);
    expect(scene.count("stickStores")).toBe(1);
  });
});

describe("onAnswerCut", () => {
  it("passes half an answer on when its server has gone and cannot be replaced", () => {
    const scene = new Scene();
    const slot = scene.relayed();
    scene.io.bring(slot, DISCONNECT);
    scene.io.bring(slot ^ 1, CONNACK.subarray(0, 3));
    scene.io.end(slot ^ 1);
    expect(scene.io.taken(slot)).toEqual(CONNACK.subarray(0, 3));
  });
});
