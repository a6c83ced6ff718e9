import { describe, expect, it } from "vitest";
import {
  CONNACK,
  CONNACK_5,
  CONNECT,
  CONNECT_5,
  connectPacket,
  Scene,
} from "../../tests/relay/relay-scene.ts";
import { REASON } from "../shm/close-reason.ts";
import { type COUNTER, SERVER_COUNTER, SERVER_COUNTERS } from "../shm/counters.ts";
import { KEEP_ALIVE_BOUNDS_SECONDS, SHORT_BOUNDS_MS } from "../shm/histogram.ts";

const BUSY_5 = Uint8Array.of(0x20, 3, 0, 0x89, 0);
const WITH_SESSION = Uint8Array.of(0x20, 2, 1, 0);

/** Clean Session, a keep alive of 60 seconds, the client id x. */
const CONNECT_3 = Uint8Array.of(
  ...[0x10, 15, 0, 6, 0x4d, 0x51, 0x49, 0x73, 0x64, 0x70, 3, 2, 0, 60, 0, 1, 0x78],
);

/** The counts of an array of words, those that are 0 left out. */
function countsOf(scene: Scene, name: keyof typeof COUNTER, size: number) {
  const all = Array.from({ length: size }, (_, i) => [i, scene.count(name, i)] as const);
  return Object.fromEntries(all.filter(([, count]) => count > 0));
}

describe("what is counted of CONNECT", () => {
  it("is its version, its clean start and its keep alive, once, as the client sent it", () => {
    const scene = new Scene({ connectionsMax: 16 });
    for (const keepAliveSeconds of [0, 10, 11, 65_535]) {
      scene.relayed(connectPacket({ keepAliveSeconds, cleanStart: false }));
    }
    scene.relayed(CONNECT_3);
    const five = connectPacket({ level: 5, keepAliveSeconds: 60 });
    const split = scene.client(five.subarray(0, 9));
    scene.io.bring(split, five.subarray(9));
    expect(countsOf(scene, "connects", 3)).toEqual({ 0: 1, 1: 4, 2: 1 });
    expect(scene.count("cleanStarts")).toBe(2);
    const { length } = KEEP_ALIVE_BOUNDS_SECONDS;
    expect(countsOf(scene, "keepAlives", length + 1)).toEqual({ 0: 1, 1: 1, 2: 1, 3: 2, 10: 1 });
    expect(scene.count("keepAlives", length + 1)).toBe(10 + 11 + 65_535 + 60 + 60);
  });

  it("is nothing where there is no good one", () => {
    const scene = new Scene();
    scene.client(Uint8Array.of(0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 9));
    scene.client(CONNECT.subarray(0, 9));
    expect(countsOf(scene, "connects", 3)).toEqual({});
  });
});

describe("what is counted of CONNACK", () => {
  it("is the code of each server's, also of one that was replaced, and its time", () => {
    const scene = new Scene({ servers: [{}, {}], pool: { redispatches: 1 } });
    const slot = scene.client(CONNECT_5);
    scene.io.establish(slot ^ 1);
    const first = scene.lastDialled;
    scene.io.pass(40);
    scene.io.bring(slot ^ 1, BUSY_5);
    scene.io.pass(300);
    scene.io.establish(slot ^ 1);
    const second = scene.lastDialled;
    scene.io.pass(7);
    scene.io.bring(slot ^ 1, CONNACK_5);
    expect(countsOf(scene, "connacksFromServers", 256)).toEqual({ 0: 1, 137: 1 });
    const sums = [first, second].map((server) => {
      const at =
        server * SERVER_COUNTERS + SERVER_COUNTER.connackTimes + SHORT_BOUNDS_MS.length + 1;
      return scene.context.counters.servers[at];
    });
    expect(sums).toEqual([40, 7]);
  });

  it("tells sessions that were there", () => {
    const scene = new Scene();
    for (const answer of [CONNACK, WITH_SESSION]) {
      scene.io.bring(scene.relayed(connectPacket({ clientId: `${answer[2]}` })) ^ 1, answer);
    }
    expect(scene.count("sessionsPresent")).toBe(1);
  });

  it.each([
    [CONNECT, 3],
    [CONNECT_5, 0x88],
  ])("tells ours from the servers'", (connect, code) => {
    const scene = new Scene();
    scene.shared.servers.setUp(0, false);
    scene.client(connect);
    expect(countsOf(scene, "ownConnacks", 256)).toEqual({ [code]: 1 });
    expect(countsOf(scene, "connacksFromServers", 256)).toEqual({});
  });

  it("is none of ours where we say goodbye", () => {
    const scene = new Scene();
    const slot = scene.relayed(CONNECT_5);
    scene.io.bring(slot ^ 1, CONNACK_5);
    scene.relay.endConnection(slot >> 1, REASON["killed-by-admin"]);
    expect(scene.io.taken(slot).at(CONNACK_5.length)).toBe(0xe0);
    expect(countsOf(scene, "ownConnacks", 256)).toEqual({});
  });
});
