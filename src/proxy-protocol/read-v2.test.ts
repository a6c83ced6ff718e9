import { describe, expect, test } from "vitest";
import { formatEndpoint } from "../bytes/endpoint.ts";
import { ProxyHeader } from "./proxy-header.ts";
import { readV2 } from "./read-v2.ts";
import { MALFORMED, NEED_MORE, TOO_LARGE } from "./verdict.ts";

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const IPV4 = [192, 0, 2, 1, 198, 51, 100, 7, 0xdc, 0x04, 0x07, 0x5b];
const IPV6 = [
  ...[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  ...[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
  ...[0xdc, 0x04, 0x07, 0x5b],
];
const UNIX = new Array<number>(216).fill(0x2f);
const ALPN = [0x01, 0, 4, 0x6d, 0x71, 0x74, 0x74];

function make(command: number, family: number, rest: readonly number[]): number[] {
  return [...SIGNATURE, command, family, rest.length >> 8, rest.length & 0xff, ...rest];
}

function read(stream: readonly number[], header = new ProxyHeader()): number {
  // Other bytes around it must not be looked at.
  const bytes = Uint8Array.from([0xff, ...stream, 0xff, 0xff]);
  return readV2(header, bytes, 1, stream.length);
}

describe("readV2", () => {
  test.each([
    ["IPv4", 0x11, IPV4, "192.0.2.1:56324 198.51.100.7:1883"],
    ["IPv6", 0x21, IPV6, "[2001:db8::1]:56324 [2001:db8::2]:1883"],
  ])("%s, and TLVs behind the addresses", (_name, family, addresses, expected) => {
    for (const rest of [addresses, [...addresses, ...ALPN]]) {
      const header = new ProxyHeader();
      expect(read(make(0x21, family, rest), header)).toBe(16 + rest.length);
      const { source, destination, isLocal, version } = header;
      expect(`${formatEndpoint(source, 0)} ${formatEndpoint(destination, 0)}`).toBe(expected);
      expect([isLocal, version]).toEqual([false, 2]);
      expect(header.alpn).toBe(rest === addresses ? "" : "mqtt");
    }
  });

  test.each([
    ["LOCAL", 0x20, 0x00, []],
    ["LOCAL with addresses", 0x20, 0x11, IPV4],
    ["LOCAL with half an address", 0x20, 0x21, IPV4],
    ["LOCAL with a family that does not exist", 0x20, 0xff, [1, 2, 3]],
    ["LOCAL with what would be a TLV too long", 0x20, 0x00, [1, 0xff, 0xff]],
    ["AF_UNSPEC", 0x21, 0x00, []],
    ["AF_UNSPEC with anything", 0x21, 0x01, [1, 0xff, 0xff]],
    ["a UNIX stream", 0x21, 0x31, UNIX],
    ["a UNIX socket", 0x21, 0x30, UNIX],
    ["IPv4 without a transport", 0x21, 0x10, IPV4],
    ["IPv6 without a transport", 0x21, 0x20, IPV6],
  ])("%s keeps the socket's own addresses", (_name, command, family, rest) => {
    const header = new ProxyHeader();
    expect(read(make(command, family, rest), header)).toBe(16 + rest.length);
    expect(header).toEqual(Object.assign(new ProxyHeader(), { version: 2, isLocal: true }));
  });

  test("reads the TLVs of a UNIX socket, behind its paths", () => {
    const header = new ProxyHeader();
    expect(read(make(0x21, 0x31, [...UNIX, ...ALPN]), header)).toBe(16 + 216 + 7);
    expect([header.isLocal, header.alpn]).toEqual([true, "mqtt"]);
  });

  test("refuses every other version, command, family and transport", () => {
    const served = [0x00, 0x01, 0x10, 0x11, 0x20, 0x21, 0x30, 0x31];
    for (let byte = 0; byte < 256; byte++) {
      const isLocal = byte === 0x20;
      const expected = isLocal || byte === 0x21 ? NEED_MORE : MALFORMED;
      expect([byte, read([...SIGNATURE, byte])]).toEqual([byte, expected]);
      const isServed = served.includes(byte);
      expect([byte, read([...SIGNATURE, 0x21, byte])]).toEqual([
        byte,
        isServed ? NEED_MORE : MALFORMED,
      ]);
      expect(read([...SIGNATURE, 0x20, byte])).toBe(NEED_MORE);
    }
  });

  test.each([
    ["a length over the limit", [0x21, 0x11, 0x10, 0x01], TOO_LARGE],
    ["the longest length there is", [0x21, 0x11, 0xff, 0xff], TOO_LARGE],
    ["a LOCAL one over the limit", [0x20, 0x00, 0x10, 0x01], TOO_LARGE],
    ["the limit", [0x21, 0x11, 0x10, 0x00], NEED_MORE],
    ["IPv4 in 11 bytes", [0x21, 0x11, 0, 11], MALFORMED],
    ["IPv6 in 35 bytes", [0x21, 0x21, 0, 35], MALFORMED],
    ["UNIX in 215 bytes", [0x21, 0x31, 0, 215], MALFORMED],
    ["IPv4 in none", [0x21, 0x11, 0, 0], MALFORMED],
  ])("%s is judged from the fixed part alone", (_name, fixed, expected) => {
    expect(read([...SIGNATURE, ...fixed.slice(0, 3)])).toBe(NEED_MORE);
    expect(read([...SIGNATURE, ...fixed])).toBe(expected);
  });

  test("needs more of every prefix, and takes no byte behind the header", () => {
    const stream = make(0x21, 0x21, [...IPV6, ...ALPN]);
    for (let size = SIGNATURE.length; size < stream.length; size++) {
      const header = new ProxyHeader();
      expect(read(stream.slice(0, size), header)).toBe(NEED_MORE);
      expect(header).toEqual(new ProxyHeader());
    }
    expect(read([...stream, 0x10, 0x0c])).toBe(stream.length);
  });
});
