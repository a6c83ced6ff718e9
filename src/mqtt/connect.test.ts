import { describe, expect, test } from "vitest";
import { REFUSED, SIZE_MAX, VALID } from "../../tests/fuzz/connect-corpus.ts";
import { ConnectInspector, NEED_MORE } from "./connect.ts";
import { ABSENT } from "./connect-fields.ts";
import { Rule, ruleId, ruleRow } from "./rule.ts";

const inspector = new ConnectInspector();

/** Inspects a packet that lies in the middle of other bytes. */
function inspect(bytes: readonly number[], available = bytes.length): number {
  const arena = new Uint8Array(bytes.length + 64).fill(0xaa);
  arena.set(bytes, 17);
  return inspector.inspect(arena, 17, available, SIZE_MAX);
}

function valid(name: string): ConnectInspector {
  const found = VALID.find(([candidate]) => candidate === name);
  if (found === undefined) throw new Error(`Cannot find packet "${name}"`);
  expect(inspect(found[1])).toBe(found[1].length);
  return inspector;
}

function bytesAt(fields: ConnectInspector, offset: number, length: number): number[] {
  return [...(fields as unknown as { bytes: Uint8Array }).bytes.subarray(offset, offset + length)];
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

  test("bytes beyond what is available are never looked at", () => {
    const bytes = Uint8Array.from(VALID[8]![1]);
    for (let seen = 0; seen <= bytes.length; seen++) {
      const dirty = bytes.slice().fill(0xff, seen);
      const expected = inspector.inspect(bytes, 0, seen, SIZE_MAX);
      expect(inspector.inspect(dirty, 0, seen, SIZE_MAX)).toBe(expected);
    }
  });
});

describe("ConnectInspector tells what a CONNECT says", () => {
  test("3.1.1 with everything", () => {
    const connect = valid("3.1.1, everything");
    expect(connect.level).toBe(4);
    expect(connect.bridge).toBe(false);
    expect(connect.cleanStart).toBe(true);
    expect(connect.keepAliveSeconds).toBe(60);
    expect(connect.clientId()).toBe("id");
    expect(connect.willTopic()).toBe("w/t");
    expect(connect.willQos).toBe(2);
    expect(connect.willRetain).toBe(true);
    expect(connect.userName()).toBe("user");
    expect(bytesAt(connect, connect.passwordOffset, connect.passwordLength)).toEqual(
      [..."secret"].map((c) => c.charCodeAt(0)),
    );
    expect(bytesAt(connect, connect.willPayloadOffset, connect.willPayloadLength)).toEqual(
      [..."gone"].map((c) => c.charCodeAt(0)),
    );
    expect(connect.propertiesOffset).toBe(ABSENT);
  });

  test("5.0 with every property", () => {
    const connect = valid("5.0, every property");
    expect(connect.level).toBe(5);
    expect(connect.sessionExpirySeconds).toBe(0xffffffff);
    expect(connect.receiveMaximum).toBe(20);
    expect(connect.maximumPacketSize).toBe(1_048_576);
    expect(connect.topicAliasMaximum).toBe(10);
    expect(connect.requestResponseInformation).toBe(true);
    expect(connect.requestProblemInformation).toBe(false);
    expect(connect.authenticationMethod()).toBe("SCRAM-SHA-256");
    const { authenticationDataOffset: offset, authenticationDataLength: length } = connect;
    expect(bytesAt(connect, offset, length)).toEqual([0, 1, 0xff]);
    expect(connect.userProperties()).toEqual([
      { name: "region", value: "eu" },
      { name: "region", value: "ü" },
    ]);
    expect(connect.willPropertiesLength).toBeGreaterThan(0);
    expect(connect.willTopic()).toBe("w/t");
    expect(connect.userName()).toBe("user");
  });

  test("what a packet before had is gone", () => {
    valid("5.0, every property");
    const connect = valid("3.1.1");
    expect(connect.userName()).toBeNull();
    expect(connect.willTopic()).toBeNull();
    expect(connect.authenticationMethod()).toBeNull();
    expect(connect.userProperties()).toEqual([]);
    expect(connect.passwordOffset).toBe(ABSENT);
    expect(connect.willPayloadOffset).toBe(ABSENT);
    expect(connect.willPropertiesOffset).toBe(ABSENT);
    expect(connect.authenticationDataOffset).toBe(ABSENT);
    expect([connect.willQos, connect.willRetain]).toEqual([0, false]);
    expect(connect.sessionExpirySeconds).toBe(0);
    expect(connect.receiveMaximum).toBe(65_535);
    expect(connect.maximumPacketSize).toBe(0);
    expect(connect.topicAliasMaximum).toBe(0);
    expect(connect.requestResponseInformation).toBe(false);
    expect(connect.requestProblemInformation).toBe(true);
  });

  test("empty texts are there, absent ones are not", () => {
    const connect = valid("3.1.1, empty user name, password and will");
    expect(connect.clientId()).toBe("");
    expect(connect.userName()).toBe("");
    expect(connect.passwordOffset).not.toBe(ABSENT);
    expect([connect.passwordLength, connect.willPayloadLength]).toEqual([0, 0]);
  });

  test("text keeps every character, a byte order mark included", () => {
    const connect = valid("3.1.1, text of all widths");
    expect(connect.clientId()).toBe("aé€😀\u{10ffff}\ufeff\u0001");
    expect(connect.userName()).toBe("\ud7ff\ue000");
  });

  test("bridges have their level without the bridge bit", () => {
    expect(valid("3.1, bridge").level).toBe(3);
    expect(inspector.bridge).toBe(true);
    expect(valid("3.1.1, bridge").level).toBe(4);
    expect(inspector.bridge).toBe(true);
    expect(valid("3.1").bridge).toBe(false);
  });

  test("3.1: what the flags announce may be missing at the end, and is absent then", () => {
    const connect = valid("3.1, user name and password announced but missing");
    expect([connect.userName(), connect.passwordOffset]).toEqual([null, ABSENT]);
    expect(valid("3.1, password announced but missing").userName()).toBe("user");
    expect(inspector.passwordOffset).toBe(ABSENT);
  });

  test("3.1: will flags without a will mean nothing", () => {
    const connect = valid("3.1, will flags disregarded without a will");
    expect([connect.willQos, connect.willRetain, connect.willTopic()]).toEqual([0, false, null]);
  });

  test("ids that share their first 32 characters stay two ids", () => {
    const one = valid("ids equal for 32 characters, one (HAProxy)").clientId();
    const two = valid("ids equal for 32 characters, two (HAProxy)").clientId();
    expect([one, two]).toEqual([`${"s".repeat(32)}-1`, `${"s".repeat(32)}-2`]);
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
    for (let seen = 0; seen <= bytes.length; seen++) {
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
