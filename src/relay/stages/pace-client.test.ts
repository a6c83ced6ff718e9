import { describe, expect, it } from "vitest";
import {
  acceptUser,
  meteredScene,
  publishes,
  userConnect,
} from "../../../tests/relay/metered-scene.ts";
import { DISCONNECT, PINGREQ, type Scene } from "../../../tests/relay/relay-scene.ts";

const SIZE = 20;
const TEN_A_SECOND = { publishes: { count: 10, periodMs: 1_000 } };

/** Publishes that a server has got since this was last asked, one every 50 ms at most. */
function publishesAfter(scene: Scene, slot: number, ms: number): number {
  scene.io.pass(ms);
  return scene.io.taken(slot ^ 1).length / SIZE;
}

describe("publishes that are metered", () => {
  it("go on at once as many as a period has, the others at the rate, and none is lost", () => {
    const scene = meteredScene(TEN_A_SECOND);
    const slot = acceptUser(scene, "anna");
    const sent = publishes(25);
    scene.io.bring(slot, sent);
    const taken = [...scene.io.taken(slot ^ 1)];
    expect(taken).toHaveLength(10 * SIZE);
    expect(scene.io.socket(slot).receiving).toBe(false);
    expect([scene.context.paced.count, scene.count("ratePauses")]).toEqual([1, 1]);
    for (let i = 0; i < 10; i++) {
      scene.io.pass(100);
      taken.push(...scene.io.taken(slot ^ 1));
      expect(taken.length / SIZE).toBeLessThanOrEqual(11 + i);
      expect(taken.length / SIZE).toBeGreaterThanOrEqual(10 + i);
    }
    scene.io.pass(700);
    taken.push(...scene.io.taken(slot ^ 1));
    expect(Uint8Array.from(taken)).toEqual(sent);
    expect(scene.io.socket(slot).receiving).toBe(true);
    expect([scene.context.paced.count, scene.io.pool.used]).toEqual([0, 0]);
    expect(scene.count("packetsFromClients", 0x30)).toBe(25);
  });

  it("leave the client its deadline, however long they wait", () => {
    const scene = meteredScene(
      { publishes: { count: 1, periodMs: 10_000 } },
      { pool: { followsKeepAlive: true } },
    );
    const slot = acceptUser(scene, "anna", 2);
    scene.io.bring(slot, publishes(5));
    scene.io.pass(39_000);
    expect(scene.reasons()).toEqual([]);
    expect(scene.io.taken(slot ^ 1)).toHaveLength(4 * SIZE);
    scene.io.pass(1_100);
    expect(scene.io.taken(slot ^ 1)).toHaveLength(SIZE);
    // From here on it is read, and silent of its own accord.
    scene.io.pass(2_800);
    expect(scene.reasons()).toEqual([]);
    scene.io.pass(300);
    expect(scene.reasons()).toEqual(["idle-timeout"]);
  });

  it("share a rate by their key, and take turns", () => {
    const scene = meteredScene(TEN_A_SECOND);
    const slots = [acceptUser(scene, "anna"), acceptUser(scene, "anna")];
    const other = acceptUser(scene, "bert");
    for (const slot of slots) scene.io.bring(slot, publishes(100));
    for (const slot of slots) scene.io.taken(slot ^ 1);
    scene.io.pass(4_000);
    const got = slots.map((slot) => scene.io.taken(slot ^ 1).length / SIZE);
    expect(got[0]! + got[1]!).toBeGreaterThanOrEqual(38);
    expect(got[0]! + got[1]!).toBeLessThanOrEqual(40);
    expect(Math.abs(got[0]! - got[1]!)).toBeLessThanOrEqual(2);
    scene.io.bring(other, publishes(10));
    expect(scene.io.taken(other ^ 1)).toHaveLength(10 * SIZE);
  });

  it("hold up what is behind them, and let pass what is not a publish", () => {
    const scene = meteredScene({ publishes: { count: 1, periodMs: 1_000 } });
    const slot = acceptUser(scene, "anna");
    scene.io.bring(slot, [...PINGREQ, ...publishes(1), ...PINGREQ, ...publishes(1), ...PINGREQ]);
    expect(scene.io.taken(slot ^ 1)).toHaveLength(2 + SIZE + 2);
    scene.io.pass(1_000);
    expect(scene.io.taken(slot ^ 1)).toHaveLength(SIZE + 2);
  });

  it("mean nothing to clients without such a key", () => {
    const scene = meteredScene(TEN_A_SECOND);
    const slot = scene.accepted();
    scene.io.bring(slot, publishes(100));
    expect(scene.io.taken(slot ^ 1)).toHaveLength(100 * SIZE);
  });

  it("that came behind a CONNECT are metered, too", () => {
    const scene = meteredScene(TEN_A_SECOND);
    const slot = acceptUser(scene, "anna");
    scene.io.bring(slot, publishes(10));
    scene.io.taken(slot ^ 1);
    const early = scene.client(Uint8Array.from([...userConnect("anna"), ...publishes(5)]));
    scene.io.establish(early ^ 1);
    expect(scene.io.taken(early ^ 1)).toHaveLength(userConnect("anna").length);
    expect(publishesAfter(scene, early, 1_000)).toBe(5);
  });
});

describe("bytes that are metered", () => {
  it("go on at the rate, wherever packets begin and end", () => {
    const scene = meteredScene({ bytes: { count: 1_000, periodMs: 1_000 } });
    const slot = acceptUser(scene, "anna");
    const sent = publishes(50, 60);
    scene.io.bring(slot, sent);
    const taken = [...scene.io.taken(slot ^ 1)];
    // The CONNECT was paid for, too.
    const first = 1_000 - userConnect("anna").length;
    expect(taken).toHaveLength(first);
    for (let i = 0; i < 20; i++) {
      scene.io.pass(100);
      taken.push(...scene.io.taken(slot ^ 1));
      expect(taken.length).toBeLessThanOrEqual(first + 100 * (i + 1));
      expect(taken.length).toBeGreaterThanOrEqual(first + 100 * i);
    }
    scene.io.pass(200);
    taken.push(...scene.io.taken(slot ^ 1));
    expect(Uint8Array.from(taken)).toEqual(sent);
    expect(scene.io.socket(slot).receiving).toBe(true);
  });
});

describe("a CONNECT", () => {
  it("goes on whole, though nothing is left to pay for it, and again to another server", () => {
    const scene = meteredScene(
      { bytes: { count: 1_024, periodMs: 1_000 } },
      { servers: [{}, {}], pool: { redispatches: 1 } },
    );
    scene.io.bring(acceptUser(scene, "anna"), publishes(200));
    const connect = userConnect("anna");
    const slot = scene.relayed(connect);
    expect(scene.io.taken(slot ^ 1)).toEqual(connect);
    scene.io.break(slot ^ 1, 104);
    scene.io.establish(slot ^ 1);
    expect(scene.io.taken(slot ^ 1)).toEqual(connect);
    scene.io.pass(10_000);
    expect(scene.io.taken(slot ^ 1)).toHaveLength(0);
    expect(scene.reasons()).toEqual([]);
  });
});

describe("a client that waits for its rate", () => {
  it("waits for its server as well, when that reads slowly", () => {
    const scene = meteredScene(TEN_A_SECOND);
    const slot = acceptUser(scene, "anna");
    scene.io.slow(slot ^ 1);
    scene.io.bring(slot, publishes(12));
    scene.io.taken(slot ^ 1);
    scene.io.pass(500);
    expect(scene.io.taken(slot ^ 1)).toHaveLength(0);
    scene.io.drain(slot ^ 1);
    expect(publishesAfter(scene, slot, 0) + publishesAfter(scene, slot, 100)).toBe(2);
    expect(scene.io.socket(slot).receiving).toBe(true);
  });

  it("is not read because its server reads again", () => {
    const scene = meteredScene(TEN_A_SECOND);
    const slot = acceptUser(scene, "anna");
    scene.io.slow(slot ^ 1);
    scene.io.bring(slot, publishes(12));
    scene.io.drain(slot ^ 1);
    expect(scene.io.socket(slot).receiving).toBe(false);
    expect(scene.io.taken(slot ^ 1)).toHaveLength(10 * SIZE);
  });

  it("may leave, and its server may go", () => {
    const scene = meteredScene(TEN_A_SECOND);
    const slot = acceptUser(scene, "anna");
    scene.io.bring(slot, [...publishes(12), ...DISCONNECT]);
    scene.io.pass(1_000);
    scene.io.end(slot);
    scene.io.end(slot ^ 1);
    const left = acceptUser(scene, "bert");
    scene.io.bring(left, publishes(12));
    scene.io.break(left ^ 1, 104);
    expect(scene.reasons()).toEqual(["client-disconnected", "server-reset"]);
    expect(scene.context.paced.count).toBe(0);
    expect(scene.leftovers()).toEqual([]);
  });

  it("is still judged by what it publishes", () => {
    const allow = { levels: [4], qosMax: 0, retain: true };
    const scene = meteredScene(TEN_A_SECOND, { listener: { allow } });
    const slot = acceptUser(scene, "anna");
    scene.io.bring(slot, [...publishes(11), 0x32, 5, 0, 1, 0x74, 0, 1]);
    expect(scene.io.taken(slot ^ 1)).toHaveLength(10 * SIZE);
    scene.io.pass(1_000);
    expect(scene.io.taken(slot ^ 1)).toHaveLength(SIZE);
    expect(scene.reasons()).toEqual(["qos-not-allowed"]);
  });

  it("pays afterwards where there is no buffer to keep what it sent", () => {
    const scene = meteredScene(TEN_A_SECOND, { slabs: 1 });
    const slot = acceptUser(scene, "anna");
    expect(scene.io.pool.take()).toBeGreaterThanOrEqual(0);
    scene.io.bring(slot, publishes(30));
    expect(scene.io.taken(slot ^ 1)).toHaveLength(30 * SIZE);
    expect(scene.io.socket(slot).receiving).toBe(false);
    scene.io.pass(1_900);
    expect(scene.io.socket(slot).receiving).toBe(false);
    scene.io.pass(150);
    expect(scene.io.socket(slot).receiving).toBe(true);
  });
});
