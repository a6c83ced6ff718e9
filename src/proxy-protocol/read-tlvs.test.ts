import { describe, expect, test } from "vitest";
import { addCrc32c, CRC32C_START, finishCrc32c } from "../bytes/crc32c.ts";
import { ProxyHeader } from "./proxy-header.ts";
import { readTlvs } from "./read-tlvs.ts";
import { BAD_CHECKSUM, MALFORMED } from "./verdict.ts";

const text = (words: string) => [...new TextEncoder().encode(words)];

function tlv(type: number, value: readonly number[]): number[] {
  return [type, value.length >> 8, value.length & 0xff, ...value];
}

/** Reads TLVs behind `before` bytes of header, with other bytes around. */
function read(tlvs: readonly number[], header = new ProxyHeader(), before = 28): number {
  const bytes = new Uint8Array(1 + before + tlvs.length + 8).fill(0xff);
  bytes.set(tlvs, 1 + before);
  return readTlvs(header, bytes, 1, 1 + before, 1 + before + tlvs.length);
}

function readWhole(tlvs: readonly number[]): ProxyHeader {
  const header = new ProxyHeader();
  expect(read(tlvs, header)).toBe(28 + tlvs.length);
  return header;
}

describe("readTlvs", () => {
  test("reads each type, and skips those that it does not know", () => {
    const header = readWhole([
      ...tlv(0x04, [0, 0, 0]),
      ...tlv(0x01, text("mqtt")),
      ...tlv(0x30, text("netns")),
      ...tlv(0x02, text("bröker.example")),
      ...tlv(0xf0, []),
      ...tlv(0x05, [0, 1, 0xff]),
    ]);
    expect([header.alpn, header.authority]).toEqual(["mqtt", "bröker.example"]);
    expect(header.uniqueId).toEqual(Uint8Array.of(0, 1, 0xff));
  });

  test("the unique id is a copy", () => {
    const bytes = Uint8Array.from(tlv(0x05, [1, 2, 3]));
    const header = new ProxyHeader();
    readTlvs(header, bytes, 0, 0, bytes.length);
    bytes.fill(0);
    expect(header.uniqueId).toEqual(Uint8Array.of(1, 2, 3));
  });

  test("reads what TLS was like, and skips parts that it does not know", () => {
    const parts = [
      ...tlv(0x21, text("TLSv1.3")),
      ...tlv(0x22, text("device-7")),
      ...tlv(0x23, text("TLS_AES_256_GCM_SHA384")),
      ...tlv(0x24, text("RSA-SHA256")),
      ...tlv(0x26, text("secp256r1")),
      ...tlv(0x25, text("RSA2048")),
    ];
    expect(readWhole(tlv(0x20, [7, 0x80, 0, 0, 18, ...parts])).ssl).toEqual({
      ...{ client: 7, verify: 0x80000012, version: "TLSv1.3", cn: "device-7" },
      ...{ cipher: "TLS_AES_256_GCM_SHA384", signature: "RSA-SHA256", key: "RSA2048" },
    });
    expect(readWhole(tlv(0x20, [0, 0, 0, 0, 0])).ssl).toEqual({
      ...{ client: 0, verify: 0, version: "", cn: "", cipher: "", signature: "", key: "" },
    });
  });

  test("reads what three clouds add", () => {
    const header = readWhole([
      ...tlv(0xea, [1, ...text("vpce-08d2bf15fac5001c9")]),
      ...tlv(0xee, [1, 0x78, 0x56, 0x34, 0xf2]),
      ...tlv(0xe0, [0xff, 0xff, 0xff, 0xff, 0xc0, 0xa8, 0x64, 0x02]),
    ]);
    expect(header.awsVpcEndpoint).toBe("vpce-08d2bf15fac5001c9");
    expect(header.azureLinkId).toBe(0xf2345678);
    expect(header.gcpConnectionId).toBe("18446744072646845442");
  });

  test("skips what other applications put into the types of the clouds", () => {
    const header = readWhole([
      ...tlv(0xea, []),
      ...tlv(0xea, [2, ...text("vpce-1")]),
      ...tlv(0xee, [1, 2, 3, 4]),
      ...tlv(0xee, [2, 1, 1, 1, 1]),
      ...tlv(0xee, [1, 2, 3, 4, 5, 6]),
      ...tlv(0xe0, [1, 2, 3, 4]),
    ]);
    expect(header).toEqual(new ProxyHeader());
  });

  test.each([
    ["a type alone", [0x01]],
    ["half a length", [0x01, 0]],
    ["a length one too long", [0x01, 0, 2, 0x6d]],
    ["the longest length there is", [0x01, 0xff, 0xff, 0x6d]],
    ["bytes behind the last one", [...tlv(0x01, text("mqtt")), 0]],
    ["a unique id of 129 bytes", tlv(0x05, new Array(129).fill(1))],
    ["TLS in four bytes", tlv(0x20, [0, 0, 0, 0])],
    ["a part of TLS that reaches beyond it", tlv(0x20, [1, 0, 0, 0, 0, 0x21, 0, 2, 0x54])],
    ["half a part of TLS", tlv(0x20, [1, 0, 0, 0, 0, 0x21, 0])],
    [
      "a part of TLS that reaches into the next TLV",
      [...tlv(0x20, [1, 0, 0, 0, 0, 0x21, 0, 4]), ...tlv(0x01, text("mqtt"))],
    ],
    ["a checksum of three bytes", tlv(0x03, [0, 0, 0])],
    ["a checksum of five bytes", tlv(0x03, [0, 0, 0, 0, 0])],
  ])("refuses %s", (_name, tlvs) => {
    expect(read(tlvs)).toBe(MALFORMED);
  });

  test("verifies the checksum, wherever it stands, with zeros in its place", () => {
    const alpn = tlv(0x01, text("mqtt"));
    for (const before of [[], alpn]) {
      for (const behind of [[], alpn]) {
        const bytes = Uint8Array.from([9, 9, ...before, ...tlv(0x03, [0, 0, 0, 0]), ...behind]);
        const sum = finishCrc32c(addCrc32c(CRC32C_START, bytes, 0, bytes.length));
        new DataView(bytes.buffer).setUint32(2 + before.length + 3, sum);
        const judge = () => readTlvs(new ProxyHeader(), bytes, 0, 2, bytes.length);
        expect(judge()).toBe(bytes.length);
        bytes[0]! ^= 1;
        expect(judge()).toBe(BAD_CHECKSUM);
        bytes[0]! ^= 1;
        bytes[2 + before.length + 3]! ^= 1;
        expect(judge()).toBe(BAD_CHECKSUM);
      }
    }
  });

  test("refuses two checksums", () => {
    expect(read([...tlv(0x03, [0, 0, 0, 0]), ...tlv(0x03, [0, 0, 0, 0])])).toBe(MALFORMED);
  });
});
