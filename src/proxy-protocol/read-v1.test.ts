import { describe, expect, test } from "vitest";
import { formatEndpoint } from "../bytes/endpoint.ts";
import { ProxyHeader } from "./proxy-header.ts";
import { readV1 } from "./read-v1.ts";
import { MALFORMED, NEED_MORE, TOO_LARGE } from "./verdict.ts";

function read(line: string, header = new ProxyHeader()): number {
  const bytes = Uint8Array.from(line, (character) => character.charCodeAt(0));
  return readV1(header, bytes, 0, bytes.length);
}

const IPV6_LONGEST = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

describe("readV1", () => {
  test.each([
    [
      "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
      "255.255.255.255:65535 255.255.255.255:65535",
    ],
    ["PROXY TCP4 0.0.0.0 10.0.0.1 0 1\r\n", "0.0.0.0:0 10.0.0.1:1"],
    [
      `PROXY TCP6 ${IPV6_LONGEST} ${IPV6_LONGEST} 65535 65535\r\n`,
      `[${IPV6_LONGEST}]:65535 [${IPV6_LONGEST}]:65535`,
    ],
    ["PROXY TCP6 2001:DB8::A ::1 1 1883\r\n", "[2001:db8::a]:1 [::1]:1883"],
    ["PROXY TCP6 ::ffff:192.0.2.1 2001:db8::2 1 2\r\n", "192.0.2.1:1 [2001:db8::2]:2"],
  ])("%j", (line, endpoints) => {
    const header = new ProxyHeader();
    expect(read(line, header)).toBe(line.length);
    const { source, destination, isLocal, version } = header;
    expect(`${formatEndpoint(source, 0)} ${formatEndpoint(destination, 0)}`).toBe(endpoints);
    expect([isLocal, version]).toEqual([false, 1]);
  });

  test.each([
    "PROXY UNKNOWN\r\n",
    `PROXY UNKNOWN ${IPV6_LONGEST} ${IPV6_LONGEST} 65535 65535\r\n`,
    "PROXY UNKNOWN \r\n",
    "PROXY UNKNOWN \r \n \0 \xff\r\n",
    "PROXY UNKNOWN TCP4 1.2.3.4\r\n",
  ])("%j keeps the socket's own addresses", (line) => {
    const header = new ProxyHeader();
    expect(read(`${line}MQTT\r\n`, header)).toBe(line.length);
    expect(header).toEqual(Object.assign(new ProxyHeader(), { version: 1, isLocal: true }));
  });

  test.each([
    ["leading zero in an address", "PROXY TCP4 192.0.02.1 10.0.0.1 1 2\r\n"],
    ["leading zero in a port", "PROXY TCP4 192.0.2.1 10.0.0.1 01 2\r\n"],
    ["zeros for a port", "PROXY TCP4 192.0.2.1 10.0.0.1 00 2\r\n"],
    ["port over 65535", "PROXY TCP4 192.0.2.1 10.0.0.1 1 65536\r\n"],
    ["port of six digits", "PROXY TCP4 192.0.2.1 10.0.0.1 1 100000\r\n"],
    ["signed port", "PROXY TCP4 192.0.2.1 10.0.0.1 +1 2\r\n"],
    ["negative port", "PROXY TCP4 192.0.2.1 10.0.0.1 -1 2\r\n"],
    ["empty port", "PROXY TCP4 192.0.2.1 10.0.0.1 1 \r\n"],
    ["port missing", "PROXY TCP4 192.0.2.1 10.0.0.1 1\r\n"],
    ["byte over 255", "PROXY TCP4 192.0.2.256 10.0.0.1 1 2\r\n"],
    ["three bytes", "PROXY TCP4 192.0.2 10.0.0.1 1 2\r\n"],
    ["two spaces", "PROXY TCP4  192.0.2.1 10.0.0.1 1 2\r\n"],
    ["space at the end", "PROXY TCP4 192.0.2.1 10.0.0.1 1 2 \r\n"],
    ["a word too many", "PROXY TCP4 192.0.2.1 10.0.0.1 1 2 3\r\n"],
    ["a tab", "PROXY TCP4\t192.0.2.1 10.0.0.1 1 2\r\n"],
    ["a NUL", "PROXY TCP4 192.0.2.1\0 10.0.0.1 1 2\r\n"],
    ["a byte over ASCII", "PROXY TCP4 192.0.2.1\xa0 10.0.0.1 1 2\r\n"],
    ["IPv6 as TCP4", "PROXY TCP4 ::1 ::1 1 2\r\n"],
    ["IPv4 as TCP6", "PROXY TCP6 192.0.2.1 10.0.0.1 1 2\r\n"],
    ["families mixed", "PROXY TCP6 2001:db8::1 10.0.0.1 1 2\r\n"],
    ["two double colons", "PROXY TCP6 2001::db8::1 ::1 1 2\r\n"],
    ["five digits in a group", "PROXY TCP6 2001:00db8::1 ::1 1 2\r\n"],
    ["a zone", "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n"],
    ["brackets", "PROXY TCP6 [::1] [::1] 1 2\r\n"],
    ["another version of TCP", "PROXY TCP5 192.0.2.1 10.0.0.1 1 2\r\n"],
    ["UDP", "PROXY UDP4 192.0.2.1 10.0.0.1 1 2\r\n"],
    ["lower case", "PROXY tcp4 192.0.2.1 10.0.0.1 1 2\r\n"],
    ["a word that goes on", "PROXY UNKNOWNS\r\n"],
    ["no family", "PROXY \r\n"],
    ["LF alone", "PROXY TCP4 192.0.2.1 10.0.0.1 1 2\n"],
    ["CR alone", "PROXY TCP4 192.0.2.1 10.0.0.1 1 2\r1"],
    ["CR twice", "PROXY TCP4 192.0.2.1 10.0.0.1 1 2\r\r\n"],
    ["LF after UNKNOWN", "PROXY UNKNOWN\n"],
  ])("refuses %s", (_name, line) => {
    expect(read(line)).toBe(MALFORMED);
  });

  test("refuses as soon as a byte cannot belong", () => {
    expect(read("PROXY X")).toBe(MALFORMED);
    expect(read("PROXY TCX")).toBe(MALFORMED);
    expect(read("PROXY UNKNOWM")).toBe(MALFORMED);
    expect(read("PROXY TCP4 1.2.3.4\n")).toBe(MALFORMED);
    expect(read("PROXY TCP4 1.2.3.4\x80")).toBe(MALFORMED);
  });

  test("waits for CRLF within 107 bytes and no longer", () => {
    for (const start of ["PROXY UNKNOWN ", "PROXY TCP4 "]) {
      expect(read(start.padEnd(106, "x"))).toBe(NEED_MORE);
      expect(read(`${start.padEnd(105, "x")}\r`)).toBe(NEED_MORE);
      expect(read(start.padEnd(107, "x"))).toBe(TOO_LARGE);
      expect(read(`${start.padEnd(106, "x")}\r\n`)).toBe(TOO_LARGE);
    }
    expect(read(`${"PROXY UNKNOWN ".padEnd(105, "x")}\r\n`)).toBe(107);
    expect(read(`${"PROXY TCP4 ".padEnd(105, "x")}\r\n`)).toBe(MALFORMED);
  });

  test("needs more of every prefix, and takes no byte behind the line", () => {
    for (const line of ["PROXY TCP6 2001:db8::1 ::1 1 2\r\n", "PROXY UNKNOWN ::\r\n"]) {
      for (let size = 6; size < line.length; size++) {
        expect(read(line.slice(0, size))).toBe(NEED_MORE);
      }
      expect(read(`${line}\r\n\r\n`)).toBe(line.length);
    }
  });
});
