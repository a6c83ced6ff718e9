import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  NOT_MQTT,
  PACKET_COUNT_WORDS,
  PacketTracker,
  PUBLISH_BYTES,
  PUBLISH_SIZES,
  TOO_LARGE,
} from "./framing.ts";
import { writeVariableLength } from "./variable-length.ts";

const PUBLISH = 3;
const PUBACK = 4;

function packet(type: number, size: number): number[] {
  const header = new Uint8Array(5);
  header[0] = (type << 4) | 0x02;
  // A body that looks like fixed headers and lengths, to be mistaken for them by a wrong walk.
  const body = Array.from({ length: size }, (_, i) => [0xff, 0x30, 0x80, 0x00][i % 4]!);
  return [...header.subarray(0, writeVariableLength(header, 1, size)), ...body];
}

/** Feeds a stream cut at the given places. @returns packets begun, NOT_MQTT or TOO_LARGE */
function feed(
  tracker: PacketTracker,
  slot: number,
  stream: readonly number[],
  cuts: readonly number[],
  counts: Float64Array,
): number {
  const arena = new Uint8Array(stream.length + 32).fill(0xff);
  arena.set(stream, 16);
  let began = 0;
  let from = 0;
  for (const to of [...cuts, stream.length]) {
    const result = tracker.track(slot, arena, 16 + from, to - from, counts);
    if (result < 0) return result;
    began += result;
    from = to;
  }
  return began;
}

const counts = () => new Float64Array(PACKET_COUNT_WORDS);

describe("PacketTracker", () => {
  test("counts packets by type, several in one chunk", () => {
    const tracker = new PacketTracker(1);
    const row = counts();
    const stream = [...packet(PUBLISH, 64), ...packet(PUBACK, 2), ...packet(12, 0)];
    expect(feed(tracker, 0, stream, [], row)).toBe(3);
    expect([row[0x32], row[0x42], row[0xc2]]).toEqual([1, 1, 1]);
    expect(tracker.atBoundary(0)).toBe(true);
    expect(tracker.lastType(0)).toBe(12);
  });

  test.each([0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152])(
    "a packet of %i bytes, cut behind each byte of its header and before its last byte",
    (size) => {
      const stream = [...packet(PUBLISH, size), ...packet(PUBACK, 2)];
      const second = stream.length - 4;
      for (let header = 1; header < second - size; header++) {
        const tracker = new PacketTracker(1);
        const row = counts();
        const bytes = Uint8Array.from(stream);
        expect(tracker.track(0, bytes, 0, header, row)).toBe(1);
        expect([tracker.atBoundary(0), tracker.lastType(0)]).toEqual([false, PUBLISH]);
        expect(tracker.track(0, bytes, header, second - header, row)).toBe(0);
        expect(tracker.atBoundary(0)).toBe(true);
        expect(tracker.track(0, bytes, second, 4, row)).toBe(1);
        expect(tracker.lastType(0)).toBe(PUBACK);
      }
    },
  );

  test.each([
    [0, 2],
    [2, 4],
    [3, 8],
    [125, 128],
    [127, 256],
    [16_383, 32_768],
  ])("counts a PUBLISH with a rest of %i bytes among those up to %i", (size, upTo) => {
    const stream = packet(PUBLISH, size);
    const [first] = stream;
    for (let cut = 0; cut <= stream.length - size; cut++) {
      const row = counts();
      feed(new PacketTracker(1), 0, [...stream, ...packet(PUBACK, 2)], [cut], row);
      expect(row[PUBLISH_SIZES + Math.log2(upTo) - 1]).toBe(1);
      expect(row.subarray(PUBLISH_SIZES, PUBLISH_BYTES).reduce((a, b) => a + b)).toBe(1);
      expect([row[PUBLISH_BYTES], row[first!]]).toEqual([stream.length, 1]);
    }
  });

  test("counts the largest PUBLISH that there can be", () => {
    const row = counts();
    const header = Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f);
    new PacketTracker(1).track(0, header, 0, header.length, row);
    expect([row[PUBLISH_BYTES - 1], row[PUBLISH_BYTES]]).toEqual([1, 2 ** 28 + 4]);
  });

  test("is not at a boundary while one byte is missing", () => {
    const tracker = new PacketTracker(1);
    const bytes = Uint8Array.from(packet(PUBLISH, 10));
    tracker.track(0, bytes, 0, 11, counts());
    expect(tracker.atBoundary(0)).toBe(false);
    expect(tracker.track(0, bytes, 11, 1, counts())).toBe(0);
    expect(tracker.atBoundary(0)).toBe(true);
  });

  test("nothing in, nothing changes", () => {
    const tracker = new PacketTracker(1);
    const bytes = Uint8Array.from([0x30]);
    expect(tracker.track(0, bytes, 0, 0, counts())).toBe(0);
    expect(tracker.atBoundary(0)).toBe(true);
    tracker.track(0, bytes, 0, 1, counts());
    expect(tracker.track(0, bytes, 0, 0, counts())).toBe(0);
    expect([tracker.atBoundary(0), tracker.lastType(0)]).toEqual([false, PUBLISH]);
  });

  test("a length longer than needed is followed all the same", () => {
    const tracker = new PacketTracker(1);
    const stream = [0x30, 0x81, 0x80, 0x00, 0xff, 0xc0, 0x80, 0x00];
    expect(feed(tracker, 0, stream, [2, 3], counts())).toBe(2);
    expect(tracker.atBoundary(0)).toBe(true);
  });

  test.each([
    ["a fifth length byte", [0x30, 0x80, 0x80, 0x80, 0x80, 0x00]],
    ["a fifth length byte, second packet", [0x40, 0x02, 0, 1, 0x30, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ["packet type 0", [0x00, 0x00]],
    ["packet type 0 behind a packet", [0xc0, 0x00, 0x0f]],
  ])("%s is not MQTT, however it is cut", (_name, stream) => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const tracker = new PacketTracker(1);
      expect(feed(tracker, 0, stream, [cut], counts())).toBe(NOT_MQTT);
    }
  });

  test.each([
    [10, 12],
    [127, 129],
    [128, 131],
    [200_000, 200_004],
  ])(
    "a packet of %i bytes behind its header is %i bytes large, however it is cut",
    (size, whole) => {
      const stream = [...packet(12, 0), ...packet(PUBLISH, size)];
      for (const cut of [0, 1, 2, 3, 4, 5, 6, 7, stream.length]) {
        for (const [max, expected] of [
          [whole, 2],
          [whole - 1, TOO_LARGE],
        ] as const) {
          const tracker = new PacketTracker(1);
          tracker.limitSize(0, max);
          expect(feed(tracker, 0, stream, [Math.min(cut, stream.length)], counts())).toBe(expected);
        }
      }
    },
  );

  test("a first CONNECT has a limit of its own, a second one has not", () => {
    const tracker = new PacketTracker(1);
    tracker.limitSize(0, 20);
    const connect = packet(1, 100);
    expect(feed(tracker, 0, connect, [], counts())).toBe(1);
    expect(feed(tracker, 0, connect, [], counts())).toBe(TOO_LARGE);
    tracker.reset(0);
    expect(feed(tracker, 0, packet(PUBLISH, 100), [], counts())).toBe(1);
  });

  test("reset begins a new stream, also in the middle of a packet or after rubbish", () => {
    const tracker = new PacketTracker(2);
    const bytes = Uint8Array.from([0x30, 0x81]);
    for (const length of [1, 2]) {
      tracker.track(1, bytes, 0, length, counts());
      tracker.reset(1);
      expect([tracker.atBoundary(1), tracker.lastType(1)]).toEqual([true, 0]);
    }
  });

  test("random packets, cut at random, in interleaved slots", () => {
    const streams = fc.array(
      fc.tuple(
        fc.integer({ min: 1, max: 15 }),
        fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(16_383, 16_384)),
      ),
      { maxLength: 6 },
    );
    const tracker = new PacketTracker(3);
    fc.assert(
      fc.property(streams, fc.array(fc.nat(), { maxLength: 12 }), (packets, places) => {
        const stream = packets.flatMap(([type, size]) => packet(type, size));
        const cuts = places.map((n) => n % (stream.length + 1)).sort((a, b) => a - b);
        const expected = counts();
        for (const [type] of packets) expected[(type << 4) | 0x02]! += 1;
        const row = counts();
        tracker.reset(1);
        // Neighbours in the middle of a packet of their own are not touched.
        for (const slot of [0, 2]) tracker.track(slot, Uint8Array.from([0x30, 0x90]), 0, 2, row);
        row.fill(0);
        expect(feed(tracker, 1, stream, cuts, row)).toBe(packets.length);
        expect(row.subarray(0, PUBLISH_SIZES)).toEqual(expected.subarray(0, PUBLISH_SIZES));
        expect(tracker.atBoundary(1)).toBe(true);
        expect(tracker.lastType(1)).toBe(packets.at(-1)?.[0] ?? 0);
        for (const slot of [0, 2]) {
          expect(tracker.atBoundary(slot)).toBe(false);
          tracker.reset(slot);
        }
      }),
      { numRuns: 200, seed: 1883 },
    );
  });
});
