import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REASON } from "../reason.ts";
import { FrameSplitter } from "./frame-splitter.ts";

const SIZE_MAX = 1000;

function makeFrame(size: number): Buffer {
  const length = size < 128 ? [size] : [(size & 0x7f) | 0x80, size >> 7];
  return Buffer.concat([Buffer.from([0x30, ...length]), Buffer.alloc(size, size)]);
}

function split(chunks: readonly Buffer[], stopAfter = Infinity) {
  const bodies: string[] = [];
  const splitter = new FrameSplitter(SIZE_MAX, {
    onFrame(frame, bodyAt) {
      bodies.push(frame.toString("hex", bodyAt));
      return bodies.length < stopAfter;
    },
  });
  const verdicts = chunks.map((chunk) => splitter.feed(chunk));
  return { bodies, verdict: verdicts.find((verdict) => verdict !== 0) ?? 0 };
}

describe("FrameSplitter", () => {
  const sizes = [0, 1, 127, 128, 129, 500, 997];
  const frames = sizes.map(makeFrame);
  const stream = Buffer.concat(frames);
  const bodies = frames.map((frame, i) => frame.toString("hex", frame.length - sizes[i]!));

  it("gives the same packets wherever the stream is cut in two", () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(split([stream.subarray(0, cut), stream.subarray(cut)]).bodies).toEqual(bodies);
    }
  });

  it("gives the same packets however the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 30 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const chunks = at.slice(1).map((end, i) => stream.subarray(at[i]!, end));
        expect(split(chunks).bodies).toEqual(bodies);
      }),
    );
  });

  it("gives them a byte at a time", () => {
    const chunks = [...stream].map((byte) => Buffer.from([byte]));
    expect(split(chunks).bodies).toEqual(bodies);
  });

  it("refuses a packet over the limit from its header alone", () => {
    expect(split([Buffer.from([0x30, 0xe5, 0x07])]).verdict).toBe(0); // 1000 bytes with its header
    expect(split([Buffer.from([0x30, 0xe6, 0x07])]).verdict).toBe(REASON.packetTooLarge);
    const cut = [0x30, 0xff, 0xff, 0xff, 0x7f].map((byte) => Buffer.from([byte]));
    expect(split(cut).verdict).toBe(REASON.packetTooLarge);
  });

  it.each([
    ["five length bytes", [0x30, 0x80, 0x80, 0x80, 0x80, 0x01]],
    ["a length with a byte too many", [0x30, 0x81, 0x00]],
  ])("refuses %s", (_, bytes) => {
    expect(split([Buffer.from(bytes)]).verdict).toBe(REASON.malformedPacket);
    expect(split(bytes.map((byte) => Buffer.from([byte]))).verdict).toBe(REASON.malformedPacket);
  });

  it("gives nothing more out once it is told to stop", () => {
    expect(split([stream], 2).bodies).toEqual(bodies.slice(0, 2));
    const [first, ...rest] = stream;
    expect(split([Buffer.from([first!]), Buffer.from(rest)], 1).bodies).toEqual(bodies.slice(0, 1));
  });
});
