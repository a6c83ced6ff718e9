import { describe, expect, it } from "vitest";
import {
  CONNACK,
  connectPacket,
  IDLE_TIMEOUT_MS,
  PINGREQ,
  PINGRESP,
  Scene,
} from "../../tests/relay/relay-scene.ts";

const FOLLOWING = { pool: { followsKeepAlive: true } };

function served(scene: Scene, keepAliveSeconds: number, connack = CONNACK): number {
  const level = connack === CONNACK ? 4 : 5;
  const slot = scene.relayed(connectPacket({ keepAliveSeconds, level }));
  scene.io.bring(slot ^ 1, connack);
  return slot;
}

function isServed(scene: Scene): boolean {
  return scene.relay.connectionCount > 0;
}

describe("the keep alive", () => {
  it("lets a client be silent for one and a half times as long and no longer", () => {
    const scene = new Scene(FOLLOWING);
    const slot = served(scene, 10);
    scene.io.pass(14_999);
    scene.io.bring(slot, PINGREQ);
    scene.io.pass(14_999);
    expect(isServed(scene)).toBe(true);
    scene.io.pass(2);
    expect(scene.reasons()).toEqual(["idle-timeout"]);
    expect(scene.leftovers()).toEqual([]);
  });

  it("is not kept by what the server sends to a client that has gone", () => {
    const scene = new Scene(FOLLOWING);
    const slot = served(scene, 10);
    scene.io.pass(10_000);
    scene.io.bring(slot ^ 1, PINGRESP);
    scene.io.pass(5_001);
    expect(isServed(scene)).toBe(false);
  });

  it("of the server counts more than the client's", () => {
    const connack = Uint8Array.of(0x20, 6, 0, 0, 3, 0x13, 0, 40);
    const scene = new Scene(FOLLOWING);
    const slot = served(scene, 10, connack);
    scene.io.taken(slot);
    scene.io.pass(59_999);
    expect(scene.io.taken(slot)).toEqual(new Uint8Array(0));
    scene.io.pass(2);
    // DISCONNECT with "Keep Alive timeout" (5.0, 3.14.2.1).
    expect([...scene.io.taken(slot)].filter((_, i) => i === 0 || i === 2)).toEqual([0xe0, 0x8d]);
  });

  it("of zero leaves the pool's idle timeout, and so does a pool that does not follow it", () => {
    for (const [scene, seconds] of [
      [new Scene(FOLLOWING), 0],
      [new Scene(), 10],
    ] as const) {
      const slot = served(scene, seconds);
      scene.io.pass(IDLE_TIMEOUT_MS - 1);
      scene.io.bring(slot ^ 1, PINGRESP);
      scene.io.pass(IDLE_TIMEOUT_MS - 1);
      expect(isServed(scene)).toBe(true);
      scene.io.pass(2);
      expect(isServed(scene)).toBe(false);
    }
  });

  it("of zero leaves the idle timeout of the listener where that is shorter", () => {
    const scene = new Scene({ listener: { idleTimeoutMs: 1_000 } });
    served(scene, 0);
    scene.io.pass(999);
    expect(isServed(scene)).toBe(true);
    scene.io.pass(2);
    expect(scene.reasons()).toEqual(["idle-timeout"]);
    const longer = new Scene({ listener: { idleTimeoutMs: IDLE_TIMEOUT_MS + 1_000 } });
    served(longer, 0);
    longer.io.pass(IDLE_TIMEOUT_MS + 1);
    expect(isServed(longer)).toBe(false);
  });

  it("does not count while the client is not read", () => {
    const scene = new Scene(FOLLOWING);
    const slot = served(scene, 10);
    scene.io.slow(slot ^ 1);
    scene.io.bring(slot, PINGREQ);
    scene.io.pass(IDLE_TIMEOUT_MS - 1);
    expect(isServed(scene)).toBe(true);
    scene.io.drain(slot ^ 1);
    scene.io.pass(14_999);
    expect(isServed(scene)).toBe(true);
    scene.io.pass(2);
    expect(isServed(scene)).toBe(false);
  });
});
