import { describe, expect, test } from "vitest";
import { SIZE_MAX, VALID } from "../../tests/fuzz/connect-corpus.ts";
import { ConnectInspector } from "./connect.ts";
import { ABSENT } from "./connect-fields.ts";

const inspector = new ConnectInspector();

function valid(name: string): ConnectInspector {
  const found = VALID.find(([candidate]) => candidate === name);
  if (found === undefined) throw new Error(`Cannot find packet "${name}"`);
  const arena = Uint8Array.from([0xaa, 0xaa, ...found[1], 0xaa]);
  const size = found[1].length;
  expect(inspector.inspect(arena, 2, size, SIZE_MAX)).toBe(size);
  return inspector;
}

function bytesAt(fields: ConnectInspector, offset: number, length: number): number[] {
  return [...(fields as unknown as { bytes: Uint8Array }).bytes.subarray(offset, offset + length)];
}

describe("ConnectFields say", () => {
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
