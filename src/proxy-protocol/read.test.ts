import { describe, expect, test } from "vitest";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { ProxyHeader } from "./proxy-header.ts";
import { ProxyHeaderReader } from "./read.ts";
import { MALFORMED, NEED_MORE, NOT_PROXY_HEADER } from "./verdict.ts";

const text = (line: string) => [...line].map((character) => character.charCodeAt(0));
const V2 = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, ...text("QUIT\n")];

/** Reads from the middle of other bytes, which must not be looked at. */
function read(reader: ProxyHeaderReader, stream: readonly number[]): number {
  const bytes = Uint8Array.from([...V2, ...stream, ...text("PROXY ")]);
  return reader.read(bytes, V2.length, stream.length);
}

describe("ProxyHeaderReader", () => {
  test("reads the example of the specification and stops behind it", () => {
    const reader = new ProxyHeaderReader();
    const line = "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n";
    expect(read(reader, text(`${line}GET / HTTP/1.1\r\nHost: 192.168.0.11\r\n\r\n`))).toBe(
      line.length,
    );
    const { version, isLocal, source, destination } = reader.header;
    expect([version, isLocal]).toEqual([1, false]);
    expect(source).toEqual(makeEndpoint("192.168.0.1", 56324));
    expect(destination).toEqual(makeEndpoint("192.168.0.11", 443));
  });

  test("knows other bytes from the first one that differs, and not before", () => {
    const reader = new ProxyHeaderReader();
    expect(read(reader, [])).toBe(NEED_MORE);
    for (const signature of [text("PROXY "), V2]) {
      for (let size = 1; size <= signature.length; size++) {
        const prefix = signature.slice(0, size);
        expect(read(reader, prefix)).toBe(NEED_MORE);
        expect(read(reader, [...prefix.slice(0, -1), prefix.at(-1)! ^ 0x20])).toBe(
          NOT_PROXY_HEADER,
        );
      }
    }
  });

  test.each([
    ["MQTT", [0x10, 0x0c, 0x00, 0x04]],
    ["TLS", [0x16, 0x03, 0x01]],
    ["HTTP", text("GET /mqtt")],
    ["a lower case header", text("proxy TCP4")],
    ["an empty line and more", text("\r\nPROXY TCP4")],
  ])("%s is no header", (_name, stream) => {
    expect(read(new ProxyHeaderReader(), stream)).toBe(NOT_PROXY_HEADER);
  });

  test("forgets the header before, whatever comes", () => {
    const reader = new ProxyHeaderReader();
    for (const next of ["PROXY TCP4 1.2.3.4 ", "PROXY TCP4 1.2.3.4 1.2.3.4 1 x\r\n", "no"]) {
      expect(read(reader, text("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"))).toBeGreaterThan(0);
      expect(read(reader, text(next))).toBeLessThanOrEqual(NEED_MORE);
      expect(reader.header).toEqual(new ProxyHeader());
    }
    expect(read(reader, text("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"))).toBeGreaterThan(0);
    expect(read(reader, text("PROXY UNKNOWN\r\n"))).toBe(15);
    expect(reader.header).toEqual(Object.assign(new ProxyHeader(), { version: 1, isLocal: true }));
    expect(read(reader, [...V2, 0x31])).toBe(MALFORMED);
  });
});
