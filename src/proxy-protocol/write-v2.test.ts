import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { ProxyHeader } from "./proxy-header.ts";
import { ProxyHeaderReader } from "./read.ts";
import { PROXY_HEADER_SIZE_MAX } from "./wire.ts";
import { ProxyV2Writer } from "./write-v2.ts";

const SIGNATURE = "0d0a0d0a000d0a515549540a";
const IPV4 = makeEndpoint("192.0.2.1", 56324)!;
const IPV4_TO = makeEndpoint("198.51.100.7", 1883)!;
const IPV6 = makeEndpoint("2001:db8::1", 56324)!;

/** What `fill` adds to a header from `source` to `destination`, in hex. */
function write(
  source: Uint8Array | null,
  destination: Uint8Array,
  fill: (writer: ProxyV2Writer) => void = () => {},
  options: { isLocal?: boolean; crc32c?: boolean } = {},
): string {
  const bytes = new Uint8Array(5 + PROXY_HEADER_SIZE_MAX).fill(0xee);
  const writer = new ProxyV2Writer();
  writer.begin(bytes, 5, options.isLocal ?? false, source, 0, destination, 0);
  fill(writer);
  const size = writer.finish(options.crc32c ?? false);
  expect([...bytes.subarray(0, 5)]).toEqual(new Array(5).fill(0xee));
  expect(bytes.subarray(5 + size).every((byte) => byte === 0xee)).toBe(true);
  return Buffer.from(bytes.subarray(5, 5 + size)).toString("hex");
}

describe("ProxyV2Writer", () => {
  test("writes addresses of one family, and maps IPv4 when they are of two", () => {
    const mapped = "00000000000000000000ffffc6336407";
    const from = "20010db8000000000000000000000001";
    expect(write(IPV4, IPV4_TO)).toBe(`${SIGNATURE}2111000cc0000201c6336407dc04075b`);
    expect(write(IPV6, IPV6)).toBe(`${SIGNATURE}21210024${from}${from}dc04dc04`);
    expect(write(IPV6, IPV4_TO)).toBe(`${SIGNATURE}21210024${from}${mapped}dc04075b`);
    expect(write(IPV4_TO, IPV6)).toBe(`${SIGNATURE}21210024${mapped}${from}075bdc04`);
  });

  test("writes LOCAL for our own connections and for clients that are unknown", () => {
    const local = `${SIGNATURE}20000000`;
    expect(write(IPV4, IPV4_TO, undefined, { isLocal: true })).toBe(local);
    expect(write(null, IPV4_TO)).toBe(local);
    expect(write(new Uint8Array(18), IPV4_TO)).toBe(local);
  });

  test("ends PP2_TYPE_SSL with the next TLV that is no part of it", () => {
    const hex = write(IPV4, IPV4_TO, (writer) => {
      expect(writer.addSslCn("too early")).toBe(false);
      expect(writer.beginSsl("T", 1, 0x01020304)).toBe(true);
      expect(writer.addSslCn("cn")).toBe(true);
      expect(writer.addAlpn("m")).toBe(true);
      expect(writer.addSslKey("too late")).toBe(false);
    });
    const ssl = "20000e" + "01" + "01020304" + "210001" + "54" + "220002" + "636e";
    expect(hex.slice(2 * 28)).toBe(`${ssl}0100016d`);
  });

  test("leaves out what has no room, and what would be a part of it", () => {
    const hex = write(
      IPV4,
      IPV4_TO,
      (writer) => {
        expect(writer.addUniqueId(new Uint8Array(129))).toBe(false);
        // 28 bytes, 3 of TLV header and 7 of checksum are left to others.
        expect(writer.addAuthority("a".repeat(PROXY_HEADER_SIZE_MAX - 28 - 3 - 7 + 1))).toBe(false);
        expect(writer.addAuthority("a".repeat(PROXY_HEADER_SIZE_MAX - 28 - 3 - 7))).toBe(true);
        expect(writer.addAlpn("")).toBe(false);
        expect(writer.beginSsl("TLSv1.3", 1, 0)).toBe(false);
        expect(writer.addSslCn("device")).toBe(false);
      },
      { crc32c: true },
    );
    expect(hex.length / 2).toBe(PROXY_HEADER_SIZE_MAX);
    const reader = new ProxyHeaderReader();
    expect(reader.read(Buffer.from(hex, "hex"), 0, hex.length / 2)).toBe(PROXY_HEADER_SIZE_MAX);
    expect(reader.header.authority.length).toBe(PROXY_HEADER_SIZE_MAX - 38);
  });

  test("is read back, whatever is in it", () => {
    const reader = new ProxyHeaderReader();
    const writer = new ProxyV2Writer();
    const text = fc.string({ unit: "grapheme", maxLength: 40 });
    const endpoint = fc.constantFrom(IPV4, IPV4_TO, IPV6);
    const ssl = fc.record({
      ...{ client: fc.nat(7), verify: fc.nat(0xffffffff) },
      ...{ version: text, cn: text, cipher: text, signature: text, key: text },
    });
    const fields = fc.record({
      ...{ source: endpoint, destination: endpoint, alpn: text, authority: text },
      ...{ uniqueId: fc.uint8Array({ maxLength: 128 }), ssl, crc32c: fc.boolean() },
    });
    fc.assert(
      fc.property(fields, (wanted) => {
        const bytes = new Uint8Array(PROXY_HEADER_SIZE_MAX);
        writer.begin(bytes, 0, false, wanted.source, 0, wanted.destination, 0);
        writer.addUniqueId(wanted.uniqueId);
        writer.beginSsl(wanted.ssl.version, wanted.ssl.client, wanted.ssl.verify);
        writer.addSslSignature(wanted.ssl.signature);
        writer.addSslCn(wanted.ssl.cn);
        writer.addSslKey(wanted.ssl.key);
        writer.addSslCipher(wanted.ssl.cipher);
        writer.addAuthority(wanted.authority);
        writer.addAlpn(wanted.alpn);
        const size = writer.finish(wanted.crc32c);
        expect(reader.read(bytes, 0, size)).toBe(size);
        const { crc32c: _, source, destination, ...others } = wanted;
        const expected = Object.assign(new ProxyHeader(), { version: 2, ...others });
        expected.source.set(source);
        expected.destination.set(destination);
        expect(reader.header).toEqual(expected);
      }),
    );
  });
});
