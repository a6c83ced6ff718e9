import { describe, expect, it } from "vitest";
import { CONNACK, CONNECT, CONNECT_5, PINGREQ, Scene } from "../../tests/relay/relay-scene.ts";
import { Shutdown } from "./shutdown.ts";

const GRACE_MS = 10_000;
/** Type and code of a packet of 5.0; the rest of it is for people. */
function gistOf(packet: Uint8Array): number[] {
  if (packet.length === 0) return [];
  return [packet[0]!, packet[packet[0] === 0x20 ? 3 : 2]!];
}
const DISCONNECT_5 = [0xe0, 0x8b];

/** Steps as a worker takes them, for some time. */
function advance(scene: Scene, shutdown: Shutdown, ms: number): void {
  const end = scene.io.now + ms;
  while (scene.io.now < end) {
    scene.io.pass(50);
    scene.io.run(() => shutdown.step(scene.io.now));
  }
}

function begin(scene: Scene, graceMs = GRACE_MS): Shutdown {
  return new Shutdown(scene.relay, scene.io.now, graceMs);
}

describe("Shutdown", () => {
  it("stops accepting at once, and is done at once where nobody is", () => {
    const scene = new Scene();
    const shutdown = begin(scene);
    expect(scene.io.started.size).toBe(0);
    expect(shutdown.done).toBe(true);
    scene.relay.destroy();
    expect(scene.io.addresses).toEqual([null]);
  });

  it("spreads the ends over most of the grace period", () => {
    const scene = new Scene({ connectionsMax: 100 });
    for (let i = 0; i < 100; i++) scene.accepted();
    const shutdown = begin(scene);
    const left: number[] = [];
    for (let i = 0; i < 10; i++) {
      left.push(scene.relay.connectionCount);
      advance(scene, shutdown, GRACE_MS / 10);
    }
    for (const [i, count] of left.slice(0, 8).entries()) {
      expect(Math.abs(count - (100 - 12.5 * i))).toBeLessThan(3);
    }
    expect(left[9]).toBe(0);
    expect(shutdown.done).toBe(true);
    expect(new Set(scene.reasons())).toEqual(new Set(["shut-down"]));
    expect(scene.leftovers()).toEqual([]);
  });

  it("counts those who leave by themselves as part of their share", () => {
    const scene = new Scene({ connectionsMax: 10 });
    const slots = Array.from({ length: 10 }, () => scene.accepted());
    const shutdown = begin(scene);
    for (const slot of slots.slice(0, 5)) {
      scene.io.end(slot);
      scene.io.end(slot ^ 1);
    }
    advance(scene, shutdown, GRACE_MS * 0.35);
    expect(scene.relay.connectionCount).toBe(5);
  });

  it("says DISCONNECT 0x8B to 5.0, nothing to 3.1.1", () => {
    const scene = new Scene();
    const five = scene.accepted(CONNECT_5);
    const four = scene.accepted();
    const shutdown = begin(scene);
    advance(scene, shutdown, GRACE_MS * 0.85);
    expect(gistOf(scene.io.taken(five))).toEqual(DISCONNECT_5);
    expect([...scene.io.taken(four)]).toEqual([]);
    expect(scene.io.socket(five).finished).toBe(true);
    expect(scene.io.socket(five ^ 1).phase).toBe("free");
    expect(scene.io.socket(four).phase).toBe("free");
    expect(shutdown.done).toBe(true);
    expect(scene.leftovers()).toEqual([]);
  });

  it("says DISCONNECT only to the accepted, a CONNACK to those who wait [MQTT-3.14.0-1]", () => {
    const scene = new Scene();
    const slots = [
      scene.relayed(CONNECT_5),
      scene.client(CONNECT_5),
      scene.relayed(),
      scene.client(),
      scene.client(CONNECT.subarray(0, 5)),
    ];
    const refused = scene.relayed(CONNECT_5);
    scene.io.bring(refused ^ 1, [0x20, 3, 0, 0x87, 0]);
    scene.io.taken(refused);
    const shutdown = begin(scene);
    advance(scene, shutdown, GRACE_MS * 0.85);
    const five = [0x20, 0x88];
    const four = [0x20, 3];
    const said = slots.map((slot) => gistOf(scene.io.taken(slot)));
    expect(said).toEqual([five, five, four, four, []]);
    expect([...scene.io.taken(refused)]).toEqual([]);
  });

  it("cuts no packet before the grace period is over, in either direction", () => {
    const scene = new Scene();
    const [up, down, slow, calm] = [0, 1, 2, 3].map(() => scene.accepted(CONNECT_5)) as [
      number,
      number,
      number,
      number,
    ];
    scene.io.bring(up, PINGREQ.subarray(0, 1));
    scene.io.bring(down ^ 1, [0x30, 5, 0]);
    scene.io.slow(slow);
    scene.io.bring(slow ^ 1, PINGREQ);
    const shutdown = begin(scene);
    advance(scene, shutdown, GRACE_MS - 100);
    const phases = [up, down, slow].map((slot) => scene.io.socket(slot ^ 1).phase);
    expect(phases).toEqual(["open", "open", "open"]);
    expect(scene.io.socket(calm ^ 1).phase).toBe("free");
    scene.io.taken(up);
    scene.io.bring(up, PINGREQ.subarray(1));
    advance(scene, shutdown, 50);
    expect(gistOf(scene.io.taken(up))).toEqual(DISCONNECT_5);
  });

  it("closes everything when the grace period is over, lingerers too", () => {
    const scene = new Scene();
    const slots = [
      scene.accepted(CONNECT_5),
      scene.accepted(),
      scene.relayed(),
      scene.client(),
      scene.client(CONNECT.subarray(0, 5)),
      scene.io.accept(),
    ];
    scene.io.bring(slots[1]!, [0x30, 5]);
    const shutdown = begin(scene, 0);
    scene.io.run(() => shutdown.step(scene.io.now));
    expect(shutdown.done).toBe(true);
    expect(scene.reasons()).toEqual(Array(6).fill("shut-down"));
    expect(scene.leftovers()).toEqual([]);
    scene.relay.destroy();
  });

  it("does not accept again after a lack of descriptors that it met", () => {
    const scene = new Scene();
    scene.io.failAccept(0, 24);
    begin(scene);
    scene.io.pass(1_000);
    scene.io.run(() => scene.relay.plans.afterTurn());
    expect(scene.io.accepting.size).toBe(0);
  });

  it("ends bytes of no protocol as they are", () => {
    const scene = new Scene({ listener: { protocol: "tcp" } });
    const slot = scene.io.accept();
    scene.io.establish(slot ^ 1);
    scene.io.bring(slot ^ 1, CONNACK);
    scene.io.taken(slot);
    const shutdown = begin(scene);
    advance(scene, shutdown, GRACE_MS * 0.85);
    expect([...scene.io.taken(slot)]).toEqual([]);
    expect(scene.reasons()).toEqual(["shut-down"]);
    expect(shutdown.done).toBe(true);
  });
});
