import { describe, expect, it } from "vitest";
import { VALID } from "../../tests/fuzz/connect-corpus.ts";
import { bytesOf } from "./byte-text.ts";
import {
  connectField,
  fieldOfPacket,
  isValidPacket,
  MORE_BYTES,
  PACKET_FIELDS,
  packetName,
  readConnect,
} from "./mqtt-field.ts";

const packetOf = (name: string) => Uint8Array.from(VALID.find(([each]) => each === name)![1]);

describe("fields of CONNECT", () => {
  it("are those that were sent", () => {
    const bytes = packetOf("5.0, every property");
    const read = (name: string) => fieldOfPacket(bytes, "connect", name);
    expect(["protocol_name", "protocol_version", "flags", "keepalive"].map(read)).toEqual([
      ...["MQTT", "5", "246", "60"],
    ]);
    expect(["client_identifier", "username", "password", "will_payload"].map(read)).toEqual([
      ...["id", "user", "secret", "gone"],
    ]);
    expect(["17", "33", "39", "34", "25", "23", "21", "22"].map(read)).toEqual([
      ...["4294967295", "20", "1048576", "10", "1", "0", "SCRAM-SHA-256", "\0\x01\xff"],
    ]);
    expect(["24", "1", "2", "3", "8", "9", "38"].map(read)).toEqual([
      ...["30", "1", "3600", "text/plain", "reply/here", "\0\x09\xff", null],
    ]);
  });

  it("are 0 or nothing when they were not sent", () => {
    const bytes = packetOf("5.0");
    const read = (name: string) => fieldOfPacket(bytes, "connect", name);
    expect(["17", "33", "21", "24", "will_topic", "username"].map(read)).toEqual([
      ...["0", "0", null, null, null, null],
    ]);
    expect(fieldOfPacket(packetOf("3.1.1"), "connect", "17")).toBeNull();
  });

  it("are read where the packet lies, whatever stands behind it", () => {
    const packet = packetOf("3.1, everything");
    const bytes = Uint8Array.of(1, 2, ...packet, 0xc0, 0);
    const fields = readConnect(bytes, 2, packet.length + 2);
    if (fields === null || fields === MORE_BYTES) throw new Error("Cannot read a valid packet");
    expect(connectField(fields, bytes, "username")).toBe("user");
    expect(connectField(fields, bytes, "protocol_name")).toBe("MQIsdp");
    expect(connectField(fields, bytes, "no such field")).toBeNull();
  });

  it("want the whole packet", () => {
    const packet = packetOf("3.1.1");
    for (let size = 0; size < packet.length; size++) {
      expect(fieldOfPacket(packet.slice(0, size), "connect", "flags")).toBe(MORE_BYTES);
      expect(isValidPacket(packet, 0, size)).toBe(MORE_BYTES);
    }
    expect(isValidPacket(packet, 0, packet.length)).toBe(true);
  });
});

it("isValidPacket knows what is no MQTT, and a CONNACK", () => {
  expect(isValidPacket(bytesOf("GET / HTTP/1.1\r\n"), 0, 16)).toBe(false);
  expect(isValidPacket(Uint8Array.of(0x20, 2, 0, 0), 0, 4)).toBe(true);
});

it("packetName takes HAProxy's names and numbers", () => {
  expect(["connect", "CONNACK", "1", "2", "publish"].map(packetName)).toEqual([
    ...["connect", "connack", "connect", "connack", null],
  ]);
  expect(PACKET_FIELDS.connect).toContain("client_identifier");
  expect(PACKET_FIELDS.connack).toContain("reason_code");
});
