import { describe, expect, test } from "vitest";
import { REFUSED, SIZE_MAX, VALID } from "../../tests/fuzz/connect-corpus.ts";
import { ConnectInspector, NEED_MORE } from "./connect.ts";
import { Rule, ruleId, ruleRow } from "./rule.ts";

const inspector = new ConnectInspector();

/** Inspects a packet that lies in the middle of other bytes. */
function inspect(bytes: readonly number[], available = bytes.length): number {
  const arena = new Uint8Array(bytes.length + 64).fill(0xaa);
  arena.set(bytes, 17);
  return inspector.inspect(arena, 17, available, SIZE_MAX);
}

describe("ConnectInspector takes valid packets", () => {
  test.each(VALID)("%s: whole, and with the client's next packets behind it", (_name, bytes) => {
    expect(inspect(bytes)).toBe(bytes.length);
    expect(inspect([...bytes, 0xc0, 0, 0x10, 0], bytes.length + 4)).toBe(bytes.length);
  });

  test.each(VALID)("%s: every prefix needs more", (_name, bytes) => {
    const arena = Uint8Array.from(bytes);
    for (let seen = 0; seen < bytes.length; seen++) {
      const verdict = inspector.inspect(arena, 0, seen, SIZE_MAX);
      if (verdict !== NEED_MORE) expect([seen, verdict]).toEqual([seen, NEED_MORE]);
    }
  });

  test("a limit of exactly its size is enough, one byte less is not", () => {
    const bytes = Uint8Array.from(VALID[0]![1]);
    expect(inspector.inspect(bytes, 0, bytes.length, bytes.length)).toBe(bytes.length);
    expect(inspector.inspect(bytes, 0, 2, bytes.length - 1)).toBe(-Rule.sizeOverLimit);
  });

  test("a packet of 64 KiB that trickles in costs a few bytes of looking a time, not all", () => {
    const bytes = Uint8Array.from(VALID.find(([name]) => name === "largest of 64 KiB")![1]);
    let looks = 0;
    const watched = new Proxy(bytes, {
      get(target, key) {
        looks += 1;
        return target[Number(key)];
      },
    });
    for (const seen of [1, 100, 30_000, bytes.length - 1]) {
      looks = 0;
      expect(inspector.inspect(watched, 0, seen, SIZE_MAX)).toBe(NEED_MORE);
      expect(looks).toBeLessThan(32);
    }
  });

  test("bytes beyond what is available are never looked at", () => {
    const bytes = Uint8Array.from(VALID[8]![1]);
    for (let seen = 0; seen <= bytes.length; seen++) {
      const dirty = bytes.slice().fill(0xff, seen);
      const expected = inspector.inspect(bytes, 0, seen, SIZE_MAX);
      expect(inspector.inspect(dirty, 0, seen, SIZE_MAX)).toBe(expected);
    }
  });
});

describe("ConnectInspector refuses", () => {
  test.each(REFUSED)("$rule, $name", ({ rule, level, at, bytes }) => {
    const verdict = inspect(bytes);
    expect([ruleRow(-verdict)?.name, inspector.level]).toEqual([ruleRow(rule)?.name, level]);
    expect(inspector.refusedAt).toBe(at);
    expect(ruleId(rule, level)).toMatch(/^MQTT-/);
  });

  test.each(REFUSED)("$rule, $name: once refused, refused for good", ({ rule, bytes }) => {
    let refused = false;
    const last = Math.min(bytes.length, 600);
    for (let seen = 0; seen <= last; seen++) {
      const verdict = inspect(bytes, seen);
      if (verdict !== NEED_MORE) refused = true;
      expect([seen, verdict]).toEqual([seen, refused ? -rule : NEED_MORE]);
    }
    expect(refused).toBe(true);
  });

  // The byte count at which each of these must be refused, whatever follows.
  test.each([
    ["a first byte", [0x20], -Rule.notConnect],
    ["a fifth length byte", [0x10, 0xff, 0xff, 0xff, 0xff], -Rule.lengthTooLong],
    ["a length not minimal", [0x10, 0x8c, 0x00], -Rule.lengthNotMinimal],
    ["a length over the limit", [0x10, 0xff, 0xff, 0x03], -Rule.sizeOverLimit],
    ["a length that cannot hold a CONNECT", [0x10, 0x0b], -Rule.truncated],
    ["a long protocol name", [0x10, 0x20, 0x01], -Rule.protocolName],
    ["a protocol name of five", [0x10, 0x20, 0x00, 0x05], -Rule.protocolName],
    ["a lower-case name", [0x10, 0x20, 0x00, 0x04, 0x6d], -Rule.protocolName],
    ["a level", [0x10, 0x20, 0, 4, 0x4d, 0x51, 0x54, 0x54, 7], -Rule.protocolLevel],
    ["flags", [0x10, 0x20, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 1], -Rule.reservedFlag],
  ])("%s at once, and not a byte sooner", (_name, bytes, verdict) => {
    expect(inspect(bytes)).toBe(verdict);
    expect(inspect(bytes.slice(0, -1))).toBe(NEED_MORE);
  });

  test("a valid CONNECT whose length is a multiple of 128 is not, split behind 10 80", () => {
    expect(inspect([0x10, 0x80])).toBe(NEED_MORE);
    expect(inspect([0x10, 0x80, 0x01])).toBe(NEED_MORE);
  });
});
