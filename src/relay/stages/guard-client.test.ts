import { describe, expect, it } from "vitest";
import {
  CONNACK,
  CONNACK_5,
  CONNECT,
  connectPacket,
  Scene,
} from "../../../tests/relay/relay-scene.ts";
import { SLAB_SIZE } from "../../io/slab-pool.ts";
import type { AllowPlan } from "../../shm/plan.ts";

const ALL: AllowPlan = { levels: [3, 4, 5], qosMax: 2, retain: true };

function publish(flags: number): Uint8Array {
  return Uint8Array.of(0x30 | flags, 5, 0, 1, 0x74, 0x68, 0x69);
}

function sceneThat(allow: Partial<AllowPlan>): Scene {
  return new Scene({ listener: { allow: { ...ALL, ...allow } } });
}

/** A client of a version that its server has accepted, and nothing on the way. */
function accepted(scene: Scene, level: 4 | 5): number {
  const slot = scene.relayed(connectPacket({ level }));
  scene.io.bring(slot ^ 1, level === 5 ? CONNACK_5 : CONNACK);
  scene.io.taken(slot);
  scene.io.taken(slot ^ 1);
  return slot;
}

/** @returns why the client was ended that has got its last words and goes */
function leave(scene: Scene, slot: number): string | undefined {
  if (scene.io.openSlots.includes(slot)) scene.io.end(slot);
  const [reason] = scene.reasons();
  expect(scene.leftovers()).toEqual([]);
  return reason;
}

describe("guardConnect", () => {
  it.each([
    [4, [5], [0x20, 2, 0, 1]],
    [5, [3, 4], [0x20, 3, 0, 0x84]],
  ] as const)(
    "refuses version %i where %j are allowed, in its own words",
    (level, levels, words) => {
      const scene = sceneThat({ levels });
      const slot = scene.client(connectPacket({ level }));
      const answer = scene.io.taken(slot);
      expect([answer[0], answer[3]]).toEqual([words[0], words[3]]);
      expect(leave(scene, slot)).toBe("version-not-allowed");
    },
  );

  it.each([
    ["qos-not-allowed", { qosMax: 0 }, 0x0e, 0x9b],
    ["retain-not-allowed", { retain: false }, 0x26, 0x9a],
  ] as const)("refuses a will: %s", (reason, allow, flags, code) => {
    for (const level of [4, 5] as const) {
      const scene = sceneThat(allow);
      const will = [...(level === 5 ? [0] : []), 0, 1, 0x77, 0, 1, 0x78];
      const bytes = Array.from(connectPacket({ level }));
      bytes[9] = flags;
      bytes[1] = bytes.length - 2 + will.length;
      const slot = scene.client(Uint8Array.from([...bytes, ...will]));
      expect(scene.io.taken(slot)[3]).toBe(level === 5 ? code : 5);
      expect(leave(scene, slot)).toBe(reason);
    }
  });
});

describe("guardClient", () => {
  it.each([
    ["qos-not-allowed", { qosMax: 1 }, 0x04, 0x9b],
    ["qos-not-allowed", { qosMax: 0 }, 0x02, 0x9b],
    ["retain-not-allowed", { retain: false }, 0x01, 0x9a],
  ] as const)("%s: what came before goes on, and 5.0 is told", (reason, allow, flags, code) => {
    for (const level of [4, 5] as const) {
      const scene = sceneThat(allow);
      const slot = accepted(scene, level);
      scene.io.bring(slot, Uint8Array.from([...publish(0), ...publish(flags), ...publish(0)]));
      expect(scene.io.taken(slot ^ 1)).toEqual(publish(0));
      const words = scene.io.taken(slot);
      expect([words[0], words[2]]).toEqual(level === 5 ? [0xe0, code] : [undefined, undefined]);
      expect(leave(scene, slot)).toBe(reason);
    }
  });

  it("lets pass what is allowed, and does not judge what servers send", () => {
    const scene = sceneThat({ qosMax: 1, retain: false });
    const slot = accepted(scene, 5);
    const allowed = Uint8Array.from([...publish(0), ...publish(0x0a)]);
    scene.io.bring(slot, allowed);
    scene.io.bring(slot ^ 1, publish(0x05));
    expect(scene.io.taken(slot ^ 1)).toEqual(allowed);
    expect(scene.io.taken(slot)).toEqual(publish(0x05));
    const counts = [0x30, 0x3a].map((first) => scene.count("packetsFromClients", first));
    expect(counts).toEqual([1, 1]);
  });

  it("refuses what came behind a CONNECT, before there was a server", () => {
    const scene = sceneThat({ retain: false });
    const slot = scene.client(Uint8Array.from([...CONNECT, ...publish(0x01)]));
    scene.io.establish(slot ^ 1);
    expect(leave(scene, slot)).toBe("retain-not-allowed");
  });
});

describe("a packet that is larger than the limit", () => {
  it("ends the connection as soon as its header is there, and 5.0 is told", () => {
    for (const level of [4, 5] as const) {
      const scene = new Scene({ listener: { packetSizeMaxBytes: 1_000 } });
      const slot = accepted(scene, level);
      scene.io.bring(slot, [0x30, 0xe6]);
      scene.io.bring(slot, [0x07, 0]);
      const words = scene.io.taken(slot);
      expect([words[0], words[2]]).toEqual(level === 5 ? [0xe0, 0x95] : [undefined, undefined]);
      expect(leave(scene, slot)).toBe("packet-too-large");
    }
  });

  it("may be a CONNECT, which has a limit of its own, or a server's", () => {
    const scene = new Scene({ listener: { packetSizeMaxBytes: 128 } });
    const slot = scene.relayed(connectPacket({ clientId: "x".repeat(SLAB_SIZE) }));
    scene.io.bring(slot ^ 1, CONNACK);
    scene.io.bring(slot ^ 1, [0x30, 0xff, 0x7f, 0, 1]);
    expect(scene.reasons()).toEqual([]);
  });
});
