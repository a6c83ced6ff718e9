import * as mqttPacket from "mqtt-packet";
import { describe, expect, test } from "vitest";
import {
  CONNACK_NEEDS_MORE,
  CONNACK_SIZE_MAX,
  type Disconnection,
  NOT_CONNACK,
  ReasonCode,
  type Refusal,
  ReturnCode,
  readConnack,
  SESSION_PRESENT,
  writeConnack,
  writeDisconnect,
} from "./connack.ts";

function connack(refusal: Refusal): Buffer {
  const target = Buffer.alloc(CONNACK_SIZE_MAX + 10, 0xaa);
  const size = writeConnack(target, 10, refusal);
  return target.subarray(10, 10 + size);
}

function disconnect(end: Disconnection): Buffer {
  const target = Buffer.alloc(CONNACK_SIZE_MAX + 10, 0xaa);
  const size = writeDisconnect(target, 10, end);
  return target.subarray(10, 10 + size);
}

/** What someone else's parser makes of it. */
function parse(bytes: Buffer, protocolVersion: 4 | 5): Record<string, unknown> {
  const parser = mqttPacket.parser({ protocolVersion });
  let found: unknown;
  parser.on("packet", (packet) => {
    found = packet;
  });
  parser.on("error", (error) => {
    throw error;
  });
  expect(parser.parse(bytes)).toBe(0);
  return found as Record<string, unknown>;
}

describe("writeConnack", () => {
  test.each([3, 4, 0])("level %i gets four bytes with a return code", (level) => {
    const refusal = { level, code: ReturnCode.serverUnavailable, reason: "no room for this" };
    expect([...connack(refusal)]).toEqual([0x20, 2, 0, 3]);
  });

  test("5.0 gets a reason code, without properties when there is nothing to say", () => {
    const bytes = connack({ level: 5, code: ReasonCode.serverBusy });
    expect([...bytes]).toEqual([0x20, 3, 0, 0x89, 0]);
    expect(parse(bytes, 5)).toMatchObject({ cmd: "connack", reasonCode: 0x89 });
  });

  test("5.0 gets a reason and a server to go to", () => {
    const refusal = { reason: "This node is drained: é", serverReference: "b.example:1883" };
    const bytes = connack({ level: 5, code: ReasonCode.useAnotherServer, ...refusal });
    const expected = { reasonString: refusal.reason, serverReference: refusal.serverReference };
    const parsed = parse(bytes, 5);
    expect(parsed).toMatchObject({ sessionPresent: false, reasonCode: 0x9c });
    expect({ ...(parsed["properties"] as object) }).toEqual(expected);
  });

  test("lengths of properties and packet over 127 bytes are right", () => {
    for (let length = 110; length < 140; length++) {
      const bytes = connack({ level: 5, code: 0x80, reason: "r".repeat(length) });
      expect(parse(bytes, 5)["properties"]).toMatchObject({ reasonString: "r".repeat(length) });
    }
  });

  test("texts that do not fit are left out, the reason first, and never cut", () => {
    const serverReference = "b.example";
    const long = { level: 5, code: 0x9c, reason: "r".repeat(CONNACK_SIZE_MAX), serverReference };
    expect({ ...(parse(connack(long), 5)["properties"] as object) }).toEqual({ serverReference });
    const huge = "s".repeat(70_000);
    expect(connack({ level: 5, code: 0x9c, serverReference: huge })).toHaveLength(5);
  });

  test("a client's Maximum Packet Size is never exceeded", () => {
    const refusal = { level: 5, code: 0x9c, reason: "drained", serverReference: "b.example" };
    for (let packetSizeMax = 7; packetSizeMax < 40; packetSizeMax++) {
      const bytes = connack({ ...refusal, packetSizeMax });
      expect(bytes.length).toBeLessThanOrEqual(packetSizeMax);
      expect(parse(bytes, 5)["reasonCode"]).toBe(0x9c);
    }
  });

  test("is never larger than CONNACK_SIZE_MAX", () => {
    for (let length = CONNACK_SIZE_MAX - 20; length < CONNACK_SIZE_MAX + 20; length++) {
      const bytes = connack({ level: 5, code: 0x80, reason: "r".repeat(length) });
      expect(bytes.length).toBeLessThanOrEqual(CONNACK_SIZE_MAX);
    }
  });
});

describe("writeDisconnect", () => {
  test("says why and where to go", () => {
    const bytes = disconnect({ code: ReasonCode.serverMoved, serverReference: "b.example" });
    expect(parse(bytes, 5)).toMatchObject({
      cmd: "disconnect",
      reasonCode: 0x9d,
      properties: { serverReference: "b.example" },
    });
  });

  test("may say nothing but its code", () => {
    const bytes = disconnect({ code: ReasonCode.serverShuttingDown });
    expect([...bytes]).toEqual([0xe0, 2, 0x8b, 0]);
  });
});

describe("readConnack", () => {
  const read = (bytes: readonly number[], available = bytes.length) =>
    readConnack(Uint8Array.from([9, 9, ...bytes, 0xff, 0xff]), 2, available);

  test.each([
    ["3.1.1, accepted", [0x20, 2, 0, 0], 0],
    ["3.1.1, accepted, session present", [0x20, 2, 1, 0], SESSION_PRESENT],
    ["3.1.1, not authorized", [0x20, 2, 0, 5], 5],
    ["5.0, accepted", [0x20, 3, 0, 0, 0], 0],
    ["5.0, server busy", [0x20, 3, 0, 0x89, 0], 0x89],
    ["5.0, session present and properties", [0x20, 6, 1, 0, 3, 0x21, 0, 10], SESSION_PRESENT],
  ])("%s, and every prefix of it", (_name, bytes, result) => {
    expect(read(bytes)).toBe(result);
    expect(read([...bytes, 0x30, 0], bytes.length + 2)).toBe(result);
    for (let seen = 0; seen < bytes.length; seen++) {
      expect(read(bytes, seen)).toBe(CONNACK_NEEDS_MORE);
    }
  });

  test.each([
    ["HTTP", [0x48]],
    ["flags in the first byte", [0x21]],
    ["a PINGRESP", [0xd0]],
    ["too short", [0x20, 1]],
    ["a length of five bytes", [0x20, 0xff, 0xff, 0xff, 0xff]],
    ["a length not minimal", [0x20, 0x82, 0x00]],
    ["a length that no CONNACK has", [0x20, 0x81, 0x80, 0x04]],
    ["session flags of more than one bit", [0x20, 2, 2]],
    ["properties that reach too far", [0x20, 3, 0, 0, 1]],
    ["properties that end early", [0x20, 4, 0, 0, 0, 0]],
  ])("%s is none, as soon as that is plain", (_name, bytes) => {
    expect(read(bytes)).toBe(NOT_CONNACK);
    expect(read(bytes.slice(0, -1))).toBe(CONNACK_NEEDS_MORE);
  });

  test("reads what writeConnack writes", () => {
    const bytes = connack({ level: 5, code: 0x9c, reason: "r".repeat(300) });
    expect(readConnack(bytes, 0, bytes.length)).toBe(0x9c);
  });
});
