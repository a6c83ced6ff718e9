import { describe, expect, it } from "vitest";
import {
  CONNACK,
  CONNECT,
  CONNECT_5,
  connectPacket,
  DISCONNECT,
  PINGREQ,
  PINGRESP,
  Scene,
  type SceneOptions,
  WALL_CLOCK_OFFSET_MS,
} from "../../tests/relay/relay-scene.ts";
import { CLOSE_REASONS, REASON } from "../shm/close-reason.ts";
import {
  createTraceRing,
  TRACE_CLOSED,
  TRACE_GARBAGE,
  TRACE_OPENED,
  TRACE_PACKET,
  TRACE_SERVER,
  type TraceRecord,
  TraceRingReader,
} from "../shm/trace-ring.ts";
import { PLAIN, TAPPED } from "../transport/transport.ts";
import { FOLLOWED_MAX } from "./tracing.ts";

const PUBLISH = Uint8Array.of(0x30, 5, 0, 1, 0x74, 0x68, 0x69);
const DEVICE = new TextEncoder().encode("device-1");
const SIDES = ["client", "server", "fairlead"];

class TracedScene extends Scene {
  readonly #ring = createTraceRing();
  readonly reader = new TraceRingReader(this.#ring);

  constructor(options: SceneOptions = {}) {
    super(options);
    this.trace();
  }

  trace(clientIds: readonly Uint8Array[] = [DEVICE], keepMax = 64): void {
    this.io.run(() => this.relay.trace({ ring: this.#ring, clientIds, keepMax }));
  }

  /** What the control plane has been told since it last asked, in words. */
  told(): string[] {
    const records: TraceRecord[] = [];
    for (let next = this.reader.read(); next !== null; next = this.reader.read()) {
      records.push(next);
    }
    return records.map((of) => {
      expect(of.atMs).toBeGreaterThanOrEqual(WALL_CLOCK_OFFSET_MS);
      if (of.kind === TRACE_OPENED) return `opened ${new TextDecoder().decode(of.bytes)}`;
      if (of.kind === TRACE_SERVER) return `server ${of.value}`;
      if (of.kind === TRACE_CLOSED) return `closed ${CLOSE_REASONS[of.value]!.name}`;
      const what = of.kind === TRACE_GARBAGE ? "garbage" : String(of.packetSize);
      expect([TRACE_PACKET, TRACE_GARBAGE]).toContain(of.kind);
      return `${SIDES[of.side]} ${what}: ${Buffer.from(of.bytes).toString("hex")}`;
    });
  }
}

const shown = (side: string, bytes: Uint8Array, size = bytes.length) =>
  `${side} ${size}: ${Buffer.from(bytes).toString("hex")}`;

describe("a client that connects while it is traced", () => {
  it("is shown from its CONNECT to its end, in both directions", () => {
    const scene = new TracedScene();
    const slot = scene.client();
    expect(scene.told()).toEqual(["opened device-1", shown("client", CONNECT)]);
    scene.io.establish(slot ^ 1);
    scene.io.bring(slot ^ 1, CONNACK);
    scene.io.bring(slot, [...PUBLISH, ...PINGREQ.subarray(0, 1)]);
    scene.io.bring(slot, PINGREQ.subarray(1));
    scene.io.bring(slot ^ 1, PINGRESP);
    expect(scene.told()).toEqual([
      "server 0",
      shown("server", CONNACK),
      shown("client", PUBLISH),
      shown("client", PINGREQ),
      shown("server", PINGRESP),
    ]);
    scene.io.bring(slot, DISCONNECT);
    scene.io.end(slot);
    scene.io.end(slot ^ 1);
    expect(scene.told()).toEqual([shown("client", DISCONNECT), "closed client-disconnected"]);
    expect(scene.leftovers()).toEqual([]);
    expect(scene.context.transport.layers[slot]).toBe(PLAIN);
  });

  it("is shown with what came in one breath with its CONNECT, however that was split", () => {
    for (let cut = 1; cut < CONNECT.length; cut++) {
      const scene = new TracedScene();
      const slot = scene.client(CONNECT.subarray(0, cut));
      scene.io.bring(slot, [...CONNECT.subarray(cut), ...PUBLISH]);
      expect(scene.told()).toEqual([
        "opened device-1",
        shown("client", CONNECT),
        shown("client", PUBLISH),
      ]);
    }
  });

  it("is shown on each server that it comes to", () => {
    const scene = new TracedScene({ servers: [{}, {}], pool: { redispatches: 1 } });
    const slot = scene.relayed();
    const busy = Uint8Array.of(0x20, 2, 0, 3);
    scene.io.bring(slot ^ 1, busy);
    scene.io.establish(slot ^ 1);
    scene.io.bring(slot ^ 1, CONNACK);
    expect(scene.told().slice(2)).toEqual([
      "server 0",
      shown("server", busy),
      "server 1",
      shown("server", CONNACK),
    ]);
  });

  it("is shown with our own last words", () => {
    const scene = new TracedScene();
    const slot = scene.accepted(CONNECT_5);
    scene.told();
    scene.io.run(() => scene.relay.endConnection(slot >> 1, REASON["killed-by-admin"]));
    const words = scene.io.taken(slot);
    expect(words[0]).toBe(0xe0);
    expect(scene.told()).toEqual([shown("fairlead", words.subarray(0, 64), words.length)]);
    scene.io.end(slot);
    expect(scene.told()).toEqual(["closed killed-by-admin"]);
  });

  it("is shown up to bytes that are no MQTT, and half packets at its end", () => {
    const scene = new TracedScene();
    const slot = scene.accepted();
    scene.told();
    scene.io.bring(slot ^ 1, PUBLISH.subarray(0, 4));
    scene.io.bring(slot, [0, 0]);
    expect(scene.told()).toEqual([
      "client garbage: 00",
      `server ${PUBLISH.length}: 30050001`,
      "closed malformed-from-client",
    ]);
  });

  it("is shown as the CONNECT that a policy has made of it, under either name", () => {
    const changes = '{ clientId: "t/" + connect.clientId }';
    const decision = `{ kind: "route", pool: null, server: null, changes: ${changes} }`;
    const text = `exports.default = { pools: {}, onConnect: (connect) => (${decision}) };`;
    const policy = { file: "/nowhere/fairlead.config.js", text, version: "1" };
    const rewritten = connectPacket({ clientId: "t/device-1" });
    const ours = shown("fairlead", rewritten);
    const T_DEVICE = new TextEncoder().encode("t/device-1");
    const old = new TracedScene({ policy });
    old.relayed(Uint8Array.from([...CONNECT, ...PUBLISH]));
    const seen = ["opened device-1", shown("client", CONNECT), shown("client", PUBLISH)];
    expect(old.told()).toEqual([...seen, ours, "server 0"]);
    // Another one who asks changes nothing for the first, and hears of it by the name it asked for.
    old.trace([DEVICE, T_DEVICE]);
    expect(old.told()).toEqual(["opened device-1", "opened t/device-1"]);
    old.trace([T_DEVICE]);
    expect(old.told()).toEqual(["opened device-1", "opened t/device-1"]);
    const fresh = new TracedScene({ policy });
    fresh.trace([T_DEVICE]);
    fresh.relayed(Uint8Array.from([...CONNECT, ...PUBLISH]));
    expect(fresh.told()).toEqual(["opened t/device-1", ours, shown("client", PUBLISH), "server 0"]);
  });

  it("is the only one: others pass unseen and untouched", () => {
    const scene = new TracedScene();
    const slot = scene.accepted(connectPacket({ clientId: "device-10" }));
    scene.io.bring(slot, PUBLISH);
    expect(scene.told()).toEqual([]);
    expect([...scene.context.transport.layers]).toEqual(Array(16).fill(PLAIN));
  });
});

describe("a client that was there before", () => {
  it("is shown from its next packet on", () => {
    const scene = new TracedScene();
    scene.trace([]);
    const slot = scene.accepted();
    scene.io.bring(slot, PUBLISH.subarray(0, 4));
    scene.io.bring(slot ^ 1, PINGRESP.subarray(0, 1));
    scene.trace();
    expect(scene.told()).toEqual(["opened device-1", "server 0"]);
    expect(scene.context.transport.layers[slot]).toBe(TAPPED);
    // What had begun is passed over; inside a fixed header the next look finds the boundary.
    scene.io.bring(slot, [...PUBLISH.subarray(4), ...PINGREQ]);
    scene.io.bring(slot ^ 1, PINGRESP.subarray(1));
    scene.io.bring(slot ^ 1, PINGRESP);
    expect(scene.told()).toEqual([shown("client", PINGREQ), shown("server", PINGRESP)]);
  });

  it("is shown with its CONNECT while that waits for an answer", () => {
    const scene = new TracedScene();
    scene.trace([]);
    const slot = scene.relayed();
    scene.io.bring(slot ^ 1, CONNACK.subarray(0, 2));
    scene.trace();
    scene.io.bring(slot ^ 1, CONNACK.subarray(2));
    scene.io.bring(slot ^ 1, PINGRESP);
    expect(scene.told()).toEqual([
      "opened device-1",
      shown("client", CONNECT),
      "server 0",
      shown("server", PINGRESP),
    ]);
  });

  it("is left alone when nobody looks any more, and shown anew to who asks", () => {
    const scene = new TracedScene();
    const slot = scene.accepted();
    scene.told();
    scene.trace([]);
    scene.io.bring(slot, PUBLISH);
    expect(scene.told()).toEqual([]);
    expect(scene.context.transport.layers.every((layers) => layers === PLAIN)).toBe(true);
    scene.trace([Uint8Array.of(1), DEVICE]);
    scene.io.bring(slot, PUBLISH);
    expect(scene.told()).toEqual(["opened device-1", "server 0", shown("client", PUBLISH)]);
    // More of each packet is wanted: the boundaries are looked for again.
    scene.trace([DEVICE], 5);
    scene.io.bring(slot, PUBLISH);
    expect(scene.told()).toEqual(["opened device-1", "client 7: 3005000174"]);
  });
});

it("follows so many connections and counts the others", () => {
  const scene = new TracedScene({ connectionsMax: FOLLOWED_MAX + 2 });
  for (let i = 0; i < FOLLOWED_MAX + 2; i++) scene.accepted();
  expect(scene.told().filter((line) => line.startsWith("opened"))).toHaveLength(FOLLOWED_MAX);
  expect(scene.reader.leftOut).toBe(2);
});
