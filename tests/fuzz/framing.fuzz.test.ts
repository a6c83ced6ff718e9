// Framing and CONNACK reading against random bytes: no answer may depend on how a stream was cut.
// A failing case names its seed; CASE_SEED=<seed> runs that one alone.

import { describe, expect, test } from "vitest";
import { CONNACK_NEEDS_MORE, NOT_CONNACK, readConnack } from "../../src/mqtt/connack.ts";
import {
  NOT_MQTT,
  PACKET_COUNT_WORDS,
  PacketTracker,
  PUBLISH_BYTES,
  PUBLISH_SIZES,
} from "../../src/mqtt/framing.ts";
import { variableLength } from "./connect-corpus.ts";
import { Random } from "./random.ts";

const CASES = 100_000;

function eachCase(run: (random: Random) => void): void {
  const only = process.env["CASE_SEED"];
  for (let seed = Number(only ?? 1); seed <= Number(only ?? CASES); seed++) {
    try {
      run(new Random(seed));
    } catch (error) {
      throw new Error(`Cannot pass fuzz case: CASE_SEED=${seed}`, { cause: error });
    }
  }
}

interface Walk {
  readonly began: number;
  readonly counts: string;
  readonly atBoundary: boolean;
  readonly lastType: number;
}

/** The same by one byte after the other and with nothing clever. */
function walkByByte(stream: readonly number[]): Walk | typeof NOT_MQTT {
  const counts = new Array<number>(PACKET_COUNT_WORDS).fill(0);
  let began = 0;
  let lastType = 0;
  let at = 0;
  while (at < stream.length) {
    lastType = stream[at]! >> 4;
    if (lastType === 0) return NOT_MQTT;
    counts[stream[at]!]! += 1;
    began += 1;
    let size = 0;
    let lengthBytes = 0;
    for (;;) {
      const byte = stream[at + 1 + lengthBytes];
      if (byte === undefined) return { began, counts: counts.join(), atBoundary: false, lastType };
      size += (byte % 128) * 128 ** lengthBytes;
      lengthBytes += 1;
      if (byte < 128) break;
      if (lengthBytes === 4) return NOT_MQTT;
    }
    const whole = 1 + lengthBytes + size;
    if (lastType === 3) {
      counts[PUBLISH_SIZES + Math.ceil(Math.log2(whole)) - 1]! += 1;
      counts[PUBLISH_BYTES]! += whole;
    }
    at += whole;
  }
  return { began, counts: counts.join(), atBoundary: at === stream.length, lastType };
}

const tracker = new PacketTracker(4);

function walkInChunks(random: Random, stream: readonly number[]): Walk | typeof NOT_MQTT {
  const slot = random.below(4);
  const counts = new Float64Array(PACKET_COUNT_WORDS);
  const arena = Uint8Array.from([0xff, ...stream, 0xff]);
  tracker.reset(slot);
  let began = 0;
  for (let from = 0; from < stream.length; ) {
    const length = Math.min(random.below(random.pick([2, 5, 200])) + 1, stream.length - from);
    const result = tracker.track(slot, arena, 1 + from, length, counts);
    if (result === NOT_MQTT) return NOT_MQTT;
    began += result;
    from += length;
  }
  const { atBoundary, lastType } = {
    atBoundary: tracker.atBoundary(slot),
    lastType: tracker.lastType(slot),
  };
  return { began, counts: counts.join(), atBoundary, lastType };
}

function makeStream(random: Random): number[] {
  const stream: number[] = [];
  const packets = random.below(6);
  for (let index = 0; index < packets; index++) {
    const body = random.bytes(random.pick([0, 1, 2, 64, 127, 128, 300]));
    stream.push(0x10 + random.below(0xf0), ...variableLength(body.length), ...body);
  }
  // Rubbish, in part, from some place on.
  if (random.oneIn(3)) stream.splice(random.below(stream.length + 1), 4, ...random.bytes(8));
  return stream;
}

describe("framing under fuzz", () => {
  test(`${CASES} streams in random chunks are followed as byte by byte`, () => {
    let rubbish = 0;
    eachCase((random) => {
      const stream = makeStream(random);
      const expected = walkByByte(stream);
      const actual = walkInChunks(random, stream);
      if (expected === NOT_MQTT) rubbish += 1;
      if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected);
    });
    if (process.env["CASE_SEED"] === undefined) expect(rubbish).toBeGreaterThan(CASES / 100);
  });

  test(`${CASES} random answers: once read or refused as CONNACK, always so`, () => {
    eachCase((random) => {
      const start = random.pick([[], [0x20], [0x20, 2, 0], [0x20, 3, 1], [0x20, 5, 0, 0, 2]]);
      const bytes = Uint8Array.from([...start, ...random.bytes(random.below(8))]);
      const verdict = readConnack(bytes, 0, bytes.length);
      let last = CONNACK_NEEDS_MORE;
      for (let seen = 0; seen <= bytes.length; seen++) {
        const now = readConnack(bytes.slice().fill(random.below(256), seen), 0, seen);
        if (last !== CONNACK_NEEDS_MORE && now !== last) expect(now).toBe(last);
        last = now;
      }
      if (last !== verdict) expect(last).toBe(verdict);
      if (verdict < NOT_CONNACK || verdict > 0x1ff) expect(verdict).toBe("a verdict");
    });
  });
});
