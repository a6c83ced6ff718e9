// WebSocket frames and upgrades against random and mutated bytes: nothing throws, and no answer
// depends on how a stream was cut.
// A failing case names its seed; CASE_SEED=<seed> runs that one alone.

import { describe, expect, test } from "vitest";
import { FRAME_CLIENT, FRAME_SERVER, FrameReader } from "../../src/websocket/frame-reader.ts";
import { NO_MASK, toMaskKey, writeFrameHeader } from "../../src/websocket/frame-writer.ts";
import { moveMasked } from "../../src/websocket/mask.ts";
import { readUpgradeRequest } from "../../src/websocket/upgrade-request.ts";
import { readUpgradeResponse } from "../../src/websocket/upgrade-response.ts";
import { eachCase, RUNS_ALONE } from "./each-case.ts";
import type { Random } from "./random.ts";

const CASES = 20_000;
const SIZE_MAX = 400;
/** Lengths in two and eight bytes, masked and not; a fragment; anything. */
const MUTATIONS = [0x7e, 0x7f, 0xfe, 0xff, 0x02, undefined, undefined];
const OPCODES = [0, 2, 2, 8, 9, 10];

interface Outcome {
  readonly payload: readonly number[];
  readonly fault: number;
  readonly closeCode: number;
  /** The last pong or close; which pings are answered depends on the pieces they come in. */
  readonly lastReply: string;
}

const reader = new FrameReader(3);

/** Reads a stream in pieces of `pieceMax` bytes at most. */
function readInPieces(
  random: Random,
  role: number,
  stream: readonly number[],
  pieceMax: number,
): Outcome {
  const slot = random.below(3);
  reader.begin(slot, role, SIZE_MAX);
  const payload: number[] = [];
  let lastReply = "";
  for (let from = 0; from < stream.length; ) {
    const length = Math.min(1 + random.below(pieceMax), stream.length - from);
    const offset = random.below(9);
    const piece = new Uint8Array(offset + length + random.below(4));
    piece.set(stream.slice(from, from + length), offset);
    const size = reader.read(slot, piece, offset, length);
    if (size > length || reader.replyLength > reader.reply.length) expect(size).toBe("a size");
    if (reader.replyLength > 0) lastReply = lastFrameOf(role, reader);
    const closeCode = reader.closeCode(slot);
    if (size < 0) return { payload, fault: size, closeCode, lastReply };
    payload.push(...piece.subarray(offset, offset + size));
    from += length;
  }
  return { payload, fault: 0, closeCode: reader.closeCode(slot), lastReply };
}

// The last of the frames in the reply, unmasked: the keys are never the same.
function lastFrameOf(role: number, { reply, replyLength }: FrameReader): string {
  const maskSize = role === FRAME_CLIENT ? 4 : 0;
  for (let at = 0; ; ) {
    const payloadAt = at + 2 + maskSize;
    const end = payloadAt + (reply[at + 1]! & 0x7f);
    const key = maskSize === 0 ? [0, 0, 0, 0] : [...reply.subarray(payloadAt - 4, payloadAt)];
    const payload = [...reply.subarray(payloadAt, end)].map((byte, i) => byte ^ key[i % 4]!);
    if (end === replyLength) return [reply[at]!, ...payload].join();
    at = end;
  }
}

function makeFrame(random: Random, role: number): number[] {
  const opcode = random.pick(OPCODES);
  const sizes = opcode >= 8 ? [0, 1, 2, 60, 125] : [0, 1, 3, 64, 126, 300];
  const size = random.pick(sizes);
  const maskKey = role === FRAME_SERVER ? toMaskKey(random.below(2 ** 32) | 0) : NO_MASK;
  const bytes = new Uint8Array(14 + size);
  const headerSize = writeFrameHeader(bytes, 0, opcode, size, maskKey);
  if (opcode < 8 && random.oneIn(3)) bytes[0]! &= 0x7f;
  bytes.set(opcode === 8 && size > 1 ? [3, 0xe8] : random.bytes(size), headerSize);
  moveMasked(bytes, headerSize, headerSize, size, maskKey);
  return [...bytes.subarray(0, headerSize + size)];
}

describe("frames under fuzz", () => {
  test(`${CASES} streams of frames, many of them broken, in pieces of any size`, () => {
    const seen = new Map<number, number>();
    eachCase(CASES, (random) => {
      const role = random.pick([FRAME_SERVER, FRAME_CLIENT]);
      const stream = Array.from({ length: random.below(6) }, () => makeFrame(random, role)).flat();
      for (let count = random.below(3); count > 0; count--) {
        stream.splice(
          random.below(stream.length + 1),
          random.below(3),
          random.pick(MUTATIONS) ?? random.below(256),
        );
      }
      const byByte = readInPieces(random, role, stream, 1);
      const cut = readInPieces(random, role, stream, random.pick([3, 20, 700]));
      seen.set(byByte.fault, (seen.get(byByte.fault) ?? 0) + 1);
      // Of a piece that is at fault, nothing is handed on.
      const given = cut.fault < 0 ? byByte.payload.slice(0, cut.payload.length) : byByte.payload;
      const wanted = { ...byByte, payload: given };
      if (cut.fault < 0) expect({ ...cut, lastReply: "" }).toEqual({ ...wanted, lastReply: "" });
      else expect(cut).toEqual(wanted);
    });
    if (RUNS_ALONE) return;
    for (const fault of [0, -1002, -1003, -1007, -1009]) {
      expect([fault, (seen.get(fault) ?? 0) > CASES / 5000]).toEqual([fault, true]);
    }
  });

  test(`${CASES} streams of random bytes`, () => {
    eachCase(CASES, (random) => {
      const role = random.pick([FRAME_SERVER, FRAME_CLIENT]);
      const { fault } = readInPieces(random, role, random.bytes(random.below(60)), 20);
      if (![0, -1002, -1003, -1007, -1009].includes(fault)) expect(fault).toBe("a close code");
    });
  });
});

const REQUEST =
  "GET /mqtt?x=y HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Protocol: mqtt\r\nOrigin: https://a.example\r\n\r\n";
const RESPONSE =
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";

describe("upgrades under fuzz", () => {
  const read = {
    request: (bytes: Uint8Array, seen: number) => readUpgradeRequest(bytes, 0, seen, 400),
    response: (bytes: Uint8Array, seen: number) =>
      readUpgradeResponse(bytes, 0, seen, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
  };

  test.each([
    ["request", REQUEST],
    ["response", RESPONSE],
  ] as const)(`2,000 broken ones: once read or refused, a %s is always so`, (name, text) => {
    const outcomes = new Set<string>();
    eachCase(2000, (random) => {
      const bytes = [...new TextEncoder().encode(text + text.slice(0, random.below(300)))];
      for (let count = random.below(4); count > 0; count--) {
        const byte = random.pick([0x0d, 0x0a, 0x20, 0x3a, 0x2c, 0, 0xff, random.below(256)]);
        bytes.splice(random.below(bytes.length), random.below(3), byte);
      }
      const stream = Uint8Array.from(bytes);
      let last: unknown = 0;
      for (let seen = 0; seen <= stream.length; seen += 1 + random.below(8)) {
        const now = read[name](stream, seen);
        if (last !== 0 && !isSame(now, last)) expect(now).toEqual(last);
        last = now;
      }
      outcomes.add(typeof last === "object" || Number(last) > 0 ? "whole" : String(last));
    });
    if (!RUNS_ALONE) expect(outcomes.size).toBeGreaterThan(2);
  });
});

function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
