// Headers as Debian's HAProxy sends them (record-proxy-headers.js): read as what they say, and
// written the same byte for byte.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatEndpoint, makeEndpoint } from "../../src/bytes/endpoint.ts";
import type { ProxyHeader } from "../../src/proxy-protocol/proxy-header.ts";
import { ProxyHeaderReader } from "../../src/proxy-protocol/read.ts";
import { NEED_MORE } from "../../src/proxy-protocol/verdict.ts";
import { PROXY_HEADER_SIZE_MAX } from "../../src/proxy-protocol/wire.ts";
import { writeProxyV1 } from "../../src/proxy-protocol/write-v1.ts";
import { ProxyV2Writer } from "../../src/proxy-protocol/write-v2.ts";

interface Recorded {
  readonly name: string;
  readonly server: string;
  readonly hex: string;
  /** Absent for a health check. */
  readonly source?: string;
  readonly destination?: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

const file = new URL("proxy-headers.json", import.meta.url);
const headers: readonly Recorded[] = JSON.parse(readFileSync(file, "utf8")).headers;

/** Client flags, verification result, version, common name; the others when they were asked for. */
const SSL: Readonly<Record<string, string | undefined>> = {
  "send-proxy-v2-ssl-cn, without TLS": "0 0 , , , , ",
  "send-proxy-v2-ssl-cn, client certificate": "7 0 TLSv1.3, device-7, , , ",
  "send-proxy-v2-ssl-cn, no client certificate": "1 0 TLSv1.3, , , , ",
  "all TLVs and a checksum, client certificate, ALPN":
    "7 0 TLSv1.3, device-7, RSA2048, RSA-SHA256, TLS_AES_256_GCM_SHA384",
  // 18: X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
  "all TLVs, a client certificate that is not trusted":
    "7 18 TLSv1.3, stranger, RSA2048, RSA-SHA256, TLS_AES_256_GCM_SHA384",
};

function read({ hex }: Recorded): ProxyHeader {
  const reader = new ProxyHeaderReader();
  const bytes = Uint8Array.from(Buffer.from(`${hex}10`, "hex"));
  expect(reader.read(bytes, 0, bytes.length)).toBe(hex.length / 2);
  for (let size = 0; size < hex.length / 2; size++) {
    expect(new ProxyHeaderReader().read(bytes, 0, size)).toBe(NEED_MORE);
  }
  return reader.header;
}

function sslText({ ssl }: ProxyHeader): string | undefined {
  if (ssl === null) return undefined;
  const texts = [ssl.version, ssl.cn, ssl.key, ssl.signature, ssl.cipher];
  return `${ssl.client} ${ssl.verify} ${texts.join(", ")}`;
}

/** Writes what a header says, its TLVs in HAProxy's order. */
function writeAgain(header: ProxyHeader): Uint8Array {
  const bytes = new Uint8Array(PROXY_HEADER_SIZE_MAX);
  const { source, destination } = header;
  if (header.version === 1) {
    return bytes.subarray(0, writeProxyV1(bytes, 0, source, 0, destination, 0));
  }
  const writer = new ProxyV2Writer();
  writer.begin(bytes, 0, header.isLocal, source, 0, destination, 0);
  if (header.alpn !== "") writer.addAlpn(header.alpn);
  if (header.authority !== "") writer.addAuthority(header.authority);
  if (header.uniqueId !== null) writer.addUniqueId(header.uniqueId);
  if (header.ssl !== null) writeSsl(writer, header.ssl);
  return bytes.subarray(0, writer.finish(false));
}

function writeSsl(writer: ProxyV2Writer, ssl: NonNullable<ProxyHeader["ssl"]>): void {
  writer.beginSsl(ssl.version, ssl.client, ssl.verify);
  if (ssl.cn !== "") writer.addSslCn(ssl.cn);
  if (ssl.key !== "") writer.addSslKey(ssl.key);
  if (ssl.signature !== "") writer.addSslSignature(ssl.signature);
  if (ssl.cipher !== "") writer.addSslCipher(ssl.cipher);
}

/** The header without its first TLV: HAProxy's checksum comes first, ours last. */
function withoutChecksum({ hex, source }: Recorded): string {
  const bytes = Buffer.from(hex, "hex");
  const tlvAt = 16 + (source === "::1" ? 36 : 12);
  expect([...bytes.subarray(tlvAt, tlvAt + 3)]).toEqual([3, 0, 4]);
  bytes.writeUInt16BE(bytes.readUInt16BE(14) - 7, 14);
  return Buffer.concat([bytes.subarray(0, tlvAt), bytes.subarray(tlvAt + 7)]).toString("hex");
}

describe.each(headers)("HAProxy's $name", (one) => {
  test("is read as what it says", () => {
    const header = read(one);
    if (one.source === undefined) {
      expect([header.version, header.isLocal]).toEqual([2, true]);
      return;
    }
    const source = makeEndpoint(one.source, one.sourcePort!)!;
    const destination = makeEndpoint(one.destination!, one.destinationPort!)!;
    expect(formatEndpoint(header.source, 0)).toBe(formatEndpoint(source, 0));
    expect(formatEndpoint(header.destination, 0)).toBe(formatEndpoint(destination, 0));
    expect(sslText(header)).toBe(SSL[one.name]);
    const isAll = one.name.startsWith("all TLVs");
    expect([header.alpn, header.authority]).toEqual(isAll ? ["mqtt", "broker.example"] : ["", ""]);
    expect(header.uniqueId !== null).toBe(/unique-id/.test(one.server));
  });

  test("is written the same", () => {
    const written = Buffer.from(writeAgain(read(one))).toString("hex");
    expect(written).toBe(one.server.includes("crc32c") ? withoutChecksum(one) : one.hex);
  });
});
