// PROXY headers against mutated and random bytes: nothing throws, no verdict depends on how the
// bytes were split, and no byte behind the header is looked at.
// A failing case names its seed; CASE_SEED=<seed> runs that one alone.

import { describe, expect, test } from "vitest";
import { ENDPOINT_SIZE } from "../../src/bytes/endpoint.ts";
import { ProxyHeader } from "../../src/proxy-protocol/proxy-header.ts";
import { ProxyHeaderReader } from "../../src/proxy-protocol/read.ts";
import { BAD_CHECKSUM, NEED_MORE } from "../../src/proxy-protocol/verdict.ts";
import { PROXY_HEADER_SIZE_MAX, V1_SIZE_MAX } from "../../src/proxy-protocol/wire.ts";
import { writeProxyV1 } from "../../src/proxy-protocol/write-v1.ts";
import { ProxyV2Writer } from "../../src/proxy-protocol/write-v2.ts";
import { eachCase, RUNS_ALONE } from "./each-case.ts";
import type { Random } from "./random.ts";

const CASES = 20_000;

const writer = new ProxyV2Writer();

function makeV1(random: Random): number[] {
  const bytes = new Uint8Array(V1_SIZE_MAX);
  const source = random.oneIn(5) ? null : makeEndpoint(random);
  const size = writeProxyV1(bytes, 0, source, 0, makeEndpoint(random), 0);
  return [...bytes.subarray(0, size)];
}

function makeV2(random: Random): number[] {
  const bytes = new Uint8Array(PROXY_HEADER_SIZE_MAX);
  writer.begin(bytes, 0, random.oneIn(8), makeEndpoint(random), 0, makeEndpoint(random), 0);
  if (random.oneIn(2)) writer.addAlpn("mqtt");
  if (random.oneIn(2)) writer.addUniqueId(Uint8Array.from(random.bytes(random.below(129))));
  if (random.oneIn(2)) {
    writer.beginSsl("TLSv1.3", random.below(8), random.below(100));
    if (random.oneIn(2)) writer.addSslCn("device");
    if (random.oneIn(2)) writer.addSslCipher("x".repeat(random.below(300)));
  }
  if (random.oneIn(2)) writer.addAuthority("broker.example");
  return [...bytes.subarray(0, writer.finish(random.oneIn(2)))];
}

function makeEndpoint(random: Random): Uint8Array {
  const endpoint = Uint8Array.from(random.bytes(ENDPOINT_SIZE));
  if (random.oneIn(2)) endpoint.fill(0, 0, 10).fill(0xff, 10, 12);
  return endpoint;
}

/** Flips bytes, most of them near the start, and cuts some out. */
function mutate(random: Random, stream: number[]): void {
  for (let count = random.below(4); count > 0; count--) {
    const at = random.below(random.pick([16, 40, stream.length]));
    const byte = random.pick([0x0d, 0x0a, 0x20, 0x00, 0xff, random.below(256)]);
    stream.splice(at, random.pick([0, 1, 1, 1, 2]), byte);
  }
}

/** The last verdict of a reader that is shown the stream piece by piece; stops at the first. */
function readInPieces(random: Random, reader: ProxyHeaderReader, stream: readonly number[]) {
  for (let seen = 0; ; seen = Math.min(seen + 1 + random.below(20), stream.length)) {
    // What has not arrived yet is whatever was there before.
    const bytes = Uint8Array.from([...stream.slice(0, seen), ...random.bytes(8)]);
    const verdict = reader.read(bytes, 0, seen);
    if (verdict !== NEED_MORE || seen === stream.length) return verdict;
    if (reader.header.version !== 0) expect(reader.header).toEqual(EMPTY);
  }
}

const EMPTY = new ProxyHeader();

describe("PROXY headers under fuzz", () => {
  test(`${CASES} headers, most of them broken, whole and in pieces`, () => {
    const reader = new ProxyHeaderReader();
    const inPieces = new ProxyHeaderReader();
    const seen = new Map<string, number>();
    eachCase(CASES, (random) => {
      const stream = random.oneIn(3) ? makeV1(random) : makeV2(random);
      mutate(random, stream);
      const verdict = reader.read(Uint8Array.from(stream), 0, stream.length);
      const kind = verdict > 0 ? "size" : String(verdict);
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      if (verdict < BAD_CHECKSUM || verdict > stream.length) expect(verdict).toBe("a verdict");
      const last = readInPieces(random, inPieces, stream);
      if (last !== verdict) expect(last).toBe(verdict);
      expect(inPieces.header).toEqual(verdict > 0 ? reader.header : EMPTY);
    });
    if (RUNS_ALONE) return;
    expect([...seen.keys()].sort()).toEqual(["-1", "-2", "-3", "-4", "0", "size"]);
    for (const count of seen.values()) expect(count).toBeGreaterThan(CASES / 1000);
  });

  test(`${CASES} random streams`, () => {
    const reader = new ProxyHeaderReader();
    const inPieces = new ProxyHeaderReader();
    const starts = [[], [..."PROXY "], [..."PROXY TCP4 "], [..."PROXY UNKNOWN"]].map((start) =>
      start.map((character) => character.charCodeAt(0)),
    );
    const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
    starts.push(signature, [...signature, 0x21, 0x11, 0], [...signature, 0x21, 0x21, 0, 60]);
    eachCase(CASES, (random) => {
      const stream = [...random.pick(starts), ...random.bytes(random.below(120))];
      const verdict = reader.read(Uint8Array.from(stream), 0, stream.length);
      if (verdict < BAD_CHECKSUM || verdict > stream.length) expect(verdict).toBe("a verdict");
      const last = readInPieces(random, inPieces, stream);
      if (last !== verdict) expect(last).toBe(verdict);
    });
  });
});
