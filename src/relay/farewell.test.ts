import { describe, expect, it } from "vitest";
import { CONNECT, PINGREQ, Scene } from "../../tests/relay/relay-scene.ts";
import { CLOSE_REASONS } from "../shm/close-reason.ts";
import { isBetweenPackets, isBreakdown } from "./farewell.ts";

describe("isBetweenPackets", () => {
  it("is so before relaying, without MQTT, and where both directions are whole and taken", () => {
    const scene = new Scene();
    scene.client(CONNECT.subarray(0, 5));
    const slot = scene.accepted();
    expect([0, 1].map((i) => isBetweenPackets(scene.context, i))).toEqual([true, true]);
    for (const side of [slot, slot ^ 1]) {
      scene.io.bring(side, PINGREQ.subarray(0, 1));
      expect(isBetweenPackets(scene.context, 1)).toBe(false);
      scene.io.bring(side, PINGREQ.subarray(1));
      expect(isBetweenPackets(scene.context, 1)).toBe(true);
    }
    scene.io.slow(slot);
    scene.io.bring(slot ^ 1, PINGREQ);
    expect(isBetweenPackets(scene.context, 1)).toBe(false);
  });
});

describe("isBreakdown", () => {
  it("is what the other side should take for no end", () => {
    const names = CLOSE_REASONS.filter((_, reason) => isBreakdown(reason)).map(({ name }) => name);
    expect(names).toContain("client-reset");
    expect(names).toContain("server-tls-failed");
    expect(names).not.toContain("client-disconnected");
    expect(names).not.toContain("shut-down");
  });
});
