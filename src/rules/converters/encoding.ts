// Converters between bytes and their written forms, and hashes and digests of bytes. Pure.

import { byteTextOf } from "../byte-text.ts";
import { type ConverterRow, converterRows } from "../catalogue-row.ts";
import { avalanche, crc32, crc32c, djb2, sdbm, wt6, xxh32, xxh64 } from "../hashes.ts";
import { sha1, sha2 } from "../sha.ts";
import {
  ABSENT,
  binaryValue,
  booleanValue,
  integerValue,
  textValue,
  type Value,
} from "../value.ts";

type Draft = Omit<ConverterRow, "name" | "args"> & { readonly args?: string };

const STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE = STANDARD.replace("+/", "-_");

const hash32 = (doc: string, compute: (text: string) => number): Draft => ({
  ...{ args: "avalanche:integer?", input: "binary", output: "integer", doc },
  compile: (call) => {
    const spread = call.integer(0, 0) !== 0;
    return (value) => {
      const hash = compute(bytesIn(value));
      return integerValue(spread ? avalanche(hash) : hash);
    };
  },
});
const encoder = (doc: string, encode: (bytes: string) => string): Draft => ({
  ...{ input: "binary", output: "text", doc },
  compile: () => (value) => textValue(encode(bytesIn(value))),
});
const decoder = (doc: string, decode: (text: string) => string | null): Draft => ({
  ...{ input: "text", output: "binary", doc },
  compile: () => (value) => {
    const bytes = decode(bytesIn(value));
    return bytes === null ? ABSENT : binaryValue(bytes);
  },
});
const decimals = (doc: string, isBigEndian: boolean): Draft => ({
  args: "separator:text size:count truncate:integer?",
  ...{ input: "binary", output: "text", doc },
  compile: (call) => {
    const [separator, size] = [call.text(0), call.integer(1, 1)];
    const isCut = call.integer(2, 0) !== 0;
    return (value) => {
      const chunks = chunksOf(bytesIn(value), size, isCut);
      return textValue(chunks.map((chunk) => decimal(chunk, isBigEndian)).join(separator));
    };
  },
  problem: ([, size]) => {
    const bytes = Number(size);
    return bytes >= 1 && bytes <= 8 ? null : "a chunk has 1 to 8 bytes";
  },
});

export const ENCODING_CONVERTERS: readonly ConverterRow[] = converterRows({
  hex: encoder("bytes as hex digits, capitals", hex),
  base2: encoder("bytes as ones and zeros", (bytes) =>
    [...bytes].map((byte) => byte.charCodeAt(0).toString(2).padStart(8, "0")).join(""),
  ),
  hex2i: {
    ...{ input: "text", output: "integer", doc: "the number that hex digits write" },
    compile: () => (value) => {
      const digits = bytesIn(value);
      if (!/^[0-9a-fA-F]*$/.test(digits)) return ABSENT;
      return integerValue(BigInt.asIntN(64, BigInt(`0x0${digits}`)));
    },
  },
  be2hex: {
    args: "separator:text? size:count? truncate:integer?",
    ...{ input: "binary", output: "text", doc: "hex digits, a separator every `size` bytes" },
    compile: (call) => {
      const [separator, size] = [call.text(0), call.integer(1, 0)];
      const isCut = call.integer(2, 0) !== 0;
      return (value) => {
        if (size <= 0) return textValue(hex(bytesIn(value)));
        return textValue(chunksOf(bytesIn(value), size, isCut).map(hex).join(separator));
      };
    },
  },
  be2dec: decimals("decimal numbers of `size` bytes each, the first byte highest", true),
  le2dec: decimals("decimal numbers of `size` bytes each, the first byte lowest", false),
  htonl: {
    ...{ input: "integer", output: "binary", doc: "the low 32 bits as four bytes, highest first" },
    compile: () => (value) => {
      const bytes = new Uint8Array(4);
      const integer = value.type === "integer" ? value.integer : 0n;
      new DataView(bytes.buffer).setUint32(0, Number(BigInt.asUintN(32, integer)));
      return binaryValue(byteTextOf(bytes, 0, 4));
    },
  },
  base64: encoder("Base64", (bytes) => base64(bytes, STANDARD, "=")),
  ub64enc: encoder("Base64 for URLs, without padding", (bytes) => base64(bytes, URL_SAFE, "")),
  b64dec: decoder("the bytes that Base64 writes", (text) =>
    text.length % 4 === 0 ? fromBase64(text.replace(/={1,2}$/, ""), STANDARD) : null,
  ),
  ub64dec: decoder("the bytes that Base64 for URLs writes", (text) =>
    fromBase64(text.replace(/={1,2}$/, ""), URL_SAFE),
  ),
  has_ctl: {
    ...{ input: "binary", output: "boolean", doc: "whether a byte is below 32, or 127" },
    compile: () => (value) =>
      booleanValue([...bytesIn(value)].some((byte) => byte < " " || byte === "\x7f")),
  },
  crc32: hash32("CRC-32 of Ethernet and gzip", crc32),
  crc32c: hash32("CRC-32 by Castagnoli's polynomial", crc32c),
  djb2: hash32("Bernstein's hash", djb2),
  sdbm: hash32("the hash of sdbm", sdbm),
  wt6: hash32("HAProxy's own hash", wt6),
  xxh32: {
    args: "seed:integer?",
    ...{ input: "binary", output: "integer", doc: "xxHash of 32 bits" },
    compile: (call) => {
      const seed = call.integer(0, 0);
      return (value) => integerValue(xxh32(bytesIn(value), seed));
    },
  },
  xxh64: {
    args: "seed:integer?",
    ...{ input: "binary", output: "integer", doc: "xxHash of 64 bits, with a sign" },
    compile: (call) => {
      const seed = BigInt(call.plan.args[0] ?? "0");
      return (value) => integerValue(xxh64(bytesIn(value), seed));
    },
  },
  sha1: {
    ...{ input: "binary", output: "binary", doc: "SHA-1, 20 bytes" },
    compile: () => (value) => binaryValue(sha1(bytesIn(value))),
  },
  sha2: {
    args: "bits:integer?",
    ...{ input: "binary", output: "binary", doc: "SHA-2 of 224 or 256 bits" },
    compile: (call) => {
      const bits = call.integer(0, 256) === 224 ? 224 : 256;
      return (value) => binaryValue(sha2(bytesIn(value), bits));
    },
    problem: ([bits]) => {
      return ["224", "256", ""].includes(bits ?? "") ? null : "only 224 and 256 bits are built in";
    },
  },
});

function bytesIn(value: Value): string {
  return value.type === "text" || value.type === "binary" ? value.text : "";
}

function hex(bytes: string): string {
  let digits = "";
  for (let i = 0; i < bytes.length; i++) {
    digits += bytes.charCodeAt(i).toString(16).padStart(2, "0");
  }
  return digits.toUpperCase();
}

function chunksOf(bytes: string, size: number, isCut: boolean): string[] {
  const chunks: string[] = [];
  const end = isCut ? bytes.length - size + 1 : bytes.length;
  for (let at = 0; at < end; at += size) chunks.push(bytes.slice(at, at + size));
  return chunks;
}

function decimal(chunk: string, isBigEndian: boolean): string {
  const digits = isBigEndian ? [...chunk] : [...chunk].reverse();
  return digits.reduce((sum, byte) => sum * 256n + BigInt(byte.charCodeAt(0)), 0n).toString();
}

function base64(bytes: string, alphabet: string, padding: string): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const there = Math.min(3, bytes.length - at);
    let bits = 0;
    for (let i = 0; i < 3; i++) bits = (bits << 8) | (i < there ? bytes.charCodeAt(at + i) : 0);
    for (let i = 0; i < 4; i++) {
      text += i <= there ? alphabet[(bits >> (18 - 6 * i)) & 63]! : padding;
    }
  }
  return text;
}

function fromBase64(text: string, alphabet: string): string | null {
  let bytes = "";
  let bits = 0;
  let count = 0;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) return null;
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += String.fromCharCode((bits >> count) & 0xff);
  }
  return count === 6 ? null : bytes;
}
