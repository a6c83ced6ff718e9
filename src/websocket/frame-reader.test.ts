import { describe, expect, test } from "vitest";
import { FRAME_CLIENT, FRAME_SERVER, FrameReader } from "./frame-reader.ts";
import { NO_MASK, writeClose, writeControlFrame, writeFrameHeader } from "./frame-writer.ts";
import { moveMasked } from "./mask.ts";

const SIZE_MAX = 100_000;
const KEY = 0x2b7e1516;
const [CONTINUATION, BINARY, CLOSE, PING, PONG] = [0, 2, 8, 9, 10];

const text = (words: string) => [...new TextEncoder().encode(words)];

/** A frame, masked unless `maskKey` is NO_MASK. */
function frame(opcode: number, payload: readonly number[], maskKey = KEY, isFinal = true) {
  const bytes = new Uint8Array(14 + payload.length);
  const headerSize = writeFrameHeader(bytes, 0, opcode, payload.length, maskKey);
  if (!isFinal) bytes[0]! &= 0x7f;
  bytes.set(payload, headerSize);
  moveMasked(bytes, headerSize, headerSize, payload.length, maskKey);
  return [...bytes.subarray(0, headerSize + payload.length)];
}

const close = (code: number, maskKey = KEY) => {
  const bytes = new Uint8Array(131);
  return [...bytes.subarray(0, writeClose(bytes, 0, code, "", maskKey))];
};

interface Outcome {
  payload: number[];
  /** The last negative answer, or 0. */
  fault: number;
  replies: number[][];
}

function begin(role = FRAME_SERVER): FrameReader {
  const reader = new FrameReader(4);
  reader.begin(3, role, SIZE_MAX);
  return reader;
}

/** Feeds a stream in pieces, each at another place among other bytes. */
function feed(reader: FrameReader, stream: readonly number[], cuts: readonly number[] = []) {
  const outcome: Outcome = { payload: [], fault: 0, replies: [] };
  let from = 0;
  for (const to of [...cuts, stream.length]) {
    const offset = 5 + (from % 8);
    const piece = Uint8Array.from([
      ...new Array(offset).fill(0xee),
      ...stream.slice(from, to),
      ...new Array(8).fill(0xee),
    ]);
    const size = reader.read(3, piece, offset, to - from);
    expect(piece.subarray(0, offset).every((byte) => byte === 0xee)).toBe(true);
    expect(piece.subarray(offset + to - from).every((byte) => byte === 0xee)).toBe(true);
    if (reader.replyLength > 0) {
      outcome.replies.push([...reader.reply.subarray(0, reader.replyLength)]);
    }
    if (size < 0) return { ...outcome, fault: size };
    outcome.payload.push(...piece.subarray(offset, offset + size));
    from = to;
  }
  return outcome;
}

const payloadOf = (size: number) => Array.from({ length: size }, (_, i) => (i * 31 + size) & 0xff);

describe("FrameReader: payload", () => {
  test.each([0, 1, 2, 3, 4, 64, 125, 126, 127, 128, 65_535, 65_536, SIZE_MAX])(
    "of a frame of %i bytes, in both roles",
    (size) => {
      for (const role of [FRAME_SERVER, FRAME_CLIENT]) {
        const reader = begin(role);
        const stream = frame(BINARY, payloadOf(size), role === FRAME_SERVER ? KEY : NO_MASK);
        expect(feed(reader, stream)).toEqual({ payload: payloadOf(size), fault: 0, replies: [] });
        expect(reader.atBoundary(3)).toBe(true);
      }
    },
  );

  test("of many frames in a piece, empty ones and fragments among them", () => {
    const stream: number[] = [];
    const expected: number[] = [];
    for (let i = 0; i < 300; i++) {
      const payload = payloadOf(i % 20);
      const opcode = i % 3 === 0 ? BINARY : CONTINUATION;
      stream.push(...frame(opcode, payload, KEY + i, i % 3 === 2), ...frame(PONG, [i & 0xff]));
      expected.push(...payload);
    }
    expect(feed(begin(), stream)).toEqual({ payload: expected, fault: 0, replies: [] });
  });

  test("is the same however the stream is cut in two or in three", () => {
    const parts = [
      frame(BINARY, payloadOf(30), KEY, false),
      frame(PING, text("are you there?")),
      frame(CONTINUATION, [], KEY, false),
      frame(CONTINUATION, payloadOf(140)),
      frame(BINARY, payloadOf(9), 0x01020304),
    ];
    const stream = parts.flat();
    const expected = [...payloadOf(30), ...payloadOf(140), ...payloadOf(9)];
    const pong = frame(PONG, text("are you there?"), NO_MASK);
    const reader = begin();
    for (let first = 0; first <= stream.length; first++) {
      for (const second of [first, first + 1, first + 2, first + 7, stream.length]) {
        if (second > stream.length) continue;
        const outcome = feed(reader, stream, [first, second]);
        expect(outcome).toEqual({ payload: expected, fault: 0, replies: [pong] });
      }
    }
    const everywhere = Array.from(stream, (_, i) => i);
    expect(feed(reader, stream, everywhere).payload).toEqual(expected);
  });

  test("knows where frames end", () => {
    const reader = begin();
    const stream = frame(BINARY, payloadOf(3));
    for (let size = 1; size < stream.length; size++) {
      reader.begin(3, FRAME_SERVER, SIZE_MAX);
      feed(reader, stream.slice(0, size));
      expect(reader.atBoundary(3)).toBe(false);
    }
  });

  test("of slots is kept apart", () => {
    const reader = new FrameReader(3);
    const streams = [frame(BINARY, [1, 2, 3], 7), frame(BINARY, [4, 5, 6], 8)];
    const received: number[][] = [[], []];
    for (const slot of [0, 1]) reader.begin(slot, FRAME_SERVER, SIZE_MAX);
    for (let at = 0; at < streams[0]!.length; at++) {
      for (const slot of [0, 1]) {
        const bytes = Uint8Array.of(streams[slot]![at]!);
        received[slot]!.push(...bytes.subarray(0, reader.read(slot, bytes, 0, 1)));
      }
    }
    expect(received).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });
});

describe("FrameReader: control frames", () => {
  test("a ping is answered with its payload, whole or cut anywhere", () => {
    for (const size of [0, 1, 124, 125]) {
      const pong = frame(PONG, payloadOf(size), NO_MASK);
      const stream = [...frame(PING, payloadOf(size)), ...frame(BINARY, [7])];
      for (let cut = 0; cut < stream.length; cut++) {
        const outcome = feed(begin(), stream, [cut]);
        expect(outcome).toEqual({ payload: [7], fault: 0, replies: [pong] });
      }
    }
  });

  test("of several pings in a piece the last is answered, and a close after it", () => {
    const stream = [
      ...frame(PING, text("one")),
      ...frame(BINARY, [1]),
      ...frame(PING, text("two")),
      ...frame(PONG, text("nobody asked")),
      ...close(1001),
      ...frame(BINARY, [2]),
      ...[0xff, 0xff],
    ];
    const reader = begin();
    expect(feed(reader, stream)).toEqual({
      ...{ payload: [1], fault: 0 },
      replies: [[...frame(PONG, text("two"), NO_MASK), ...close(1001, NO_MASK)]],
    });
    expect(reader.closeCode(3)).toBe(1001);
  });

  test("the largest pong and a close fit into the reply", () => {
    const reader = begin(FRAME_CLIENT);
    const stream = [...frame(PING, payloadOf(125), NO_MASK), ...close(1000, NO_MASK)];
    expect(feed(reader, stream).fault).toBe(0);
    expect(reader.replyLength).toBe(6 + 125 + 6 + 2);
  });

  test("after a close nothing is read any more", () => {
    const reader = begin();
    expect(reader.closeCode(3)).toBe(0);
    feed(reader, close(1000));
    expect(feed(reader, frame(BINARY, [1, 2]))).toEqual({ payload: [], fault: 0, replies: [] });
    expect(feed(reader, [0xff, 0xff, 0xff])).toEqual({ payload: [], fault: 0, replies: [] });
    reader.begin(3, FRAME_SERVER, SIZE_MAX);
    expect(reader.closeCode(3)).toBe(0);
  });

  test("a close without a code is returned without one, a reason is not returned", () => {
    const reader = begin();
    expect(feed(reader, frame(CLOSE, [])).replies).toEqual([[0x88, 0]]);
    expect(reader.closeCode(3)).toBe(1005);
    reader.begin(3, FRAME_SERVER, SIZE_MAX);
    const stream = frame(CLOSE, [...[1000 >> 8, 1000 & 0xff], ...text("bye")]);
    for (let cut = 0; cut < stream.length; cut++) {
      reader.begin(3, FRAME_SERVER, SIZE_MAX);
      expect(feed(reader, stream, [cut]).replies).toEqual([close(1000, NO_MASK)]);
    }
  });

  test("replies of a client are masked, each with a key of its own", () => {
    const reader = begin(FRAME_CLIENT);
    const server = new FrameReader(1);
    server.begin(0, FRAME_SERVER, SIZE_MAX);
    const keys = new Set<string>();
    for (let i = 0; i < 50; i++) {
      const [reply] = feed(reader, frame(PING, [i, 1, 2], NO_MASK)).replies;
      keys.add(reply!.slice(2, 6).join());
      expect(server.read(0, Uint8Array.from(reply!), 0, reply!.length)).toBe(0);
      expect(server.atBoundary(0)).toBe(true);
    }
    expect(keys.size).toBe(50);
  });

  test("a slot that begins anew has nothing left of a split frame", () => {
    const reader = begin();
    feed(reader, frame(PING, text("never ends")).slice(0, 10));
    reader.release(3);
    reader.begin(3, FRAME_SERVER, SIZE_MAX);
    const pong = frame(PONG, text("new"), NO_MASK);
    expect(feed(reader, frame(PING, text("new")), [7]).replies).toEqual([pong]);
    feed(reader, [0x82]);
    reader.begin(3, FRAME_CLIENT, SIZE_MAX);
    expect(feed(reader, frame(BINARY, [1], NO_MASK)).payload).toEqual([1]);
  });
});

describe("FrameReader: faults", () => {
  const started = frame(BINARY, [1], KEY, false);
  test.each([
    ["RSV1", [0xc2], -1002],
    ["text", [0x81], -1003],
    ["text, fragmented", [0x01], -1003],
    ["opcode 3", [0x83], -1002],
    ["opcode 11", [0x8b], -1002],
    ["a frame without a mask", [0x82, 0x01], -1002],
    ["a fragmented ping", [0x09], -1002],
    ["a ping over 125 bytes", [0x89, 0xfe], -1002],
    ["a continuation of nothing", [0x80], -1002],
    ["a continuation of what has ended", [...frame(BINARY, [1]), 0x80], -1002],
    ["a new frame within a message", [...started, 0x82], -1002],
    ["a new frame within a message, behind a ping", [...started, ...frame(PING, [1]), 0x82], -1002],
    ["a frame over the limit", frame(BINARY, payloadOf(SIZE_MAX + 1)).slice(0, 10), -1009],
    ["a close of one byte", frame(CLOSE, [3]), -1002],
    ["a close with a code that is never sent", close(1006), -1002],
    ["a close with a code nobody knows", frame(CLOSE, [0x07, 0xd0]), -1002],
    ["a close with a reason that is no UTF-8", frame(CLOSE, [0x03, 0xe8, 0xff]), -1007],
  ])("%s is known from its last byte, and not before", (_name, stream, code) => {
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(feed(begin(), stream, [cut]).fault).toBe(code);
    }
    expect(feed(begin(), stream.slice(0, -1)).fault).toBe(0);
  });

  test("a masked frame from a server", () => {
    expect(feed(begin(FRAME_CLIENT), [0x82, 0x81]).fault).toBe(-1002);
  });
});

test("writeControlFrame's frames are those of the tests", () => {
  const bytes = new Uint8Array(131);
  const size = writeControlFrame(bytes, 0, PING, Uint8Array.from(payloadOf(125)), 0, 125, KEY);
  expect([...bytes.subarray(0, size)]).toEqual(frame(PING, payloadOf(125)));
});
