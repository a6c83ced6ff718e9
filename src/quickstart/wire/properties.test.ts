import { describe, expect, it } from "vitest";
import { REASON } from "../reason.ts";
import { Cursor } from "./cursor.ts";
import { IN, readProperties } from "./properties.ts";

function read(where: number, properties: readonly number[], length = properties.length) {
  const cursor = new Cursor(Buffer.from([length, ...properties]), 0);
  const seen: [number, number][] = [];
  const verdict = readProperties(cursor, where, (id, value) => seen.push([id, value]));
  return { verdict, seen, left: cursor.left };
}

describe("readProperties", () => {
  it("tells of each property with its number, and stops at the end of the block", () => {
    const expiry = [0x02, 0, 0, 1, 0];
    const alias = [0x23, 0, 7];
    const pair = [0x26, 0, 1, 97, 0, 1, 98];
    const block = [...expiry, ...alias, ...pair, ...pair];
    const cursor = new Cursor(Buffer.from([block.length, ...block, 42]), 0);
    const seen: number[][] = [];
    const verdict = readProperties(cursor, IN.publish, (...facts) => seen.push(facts));
    expect(verdict).toBe(0);
    expect(seen).toEqual([
      [0x02, 256, 1, 6],
      [0x23, 7, 6, 9],
      [0x26, 0, 9, 16],
      [0x26, 0, 16, 23],
    ]);
    expect(cursor.uint8()).toBe(42);
  });

  it("takes an empty block", () => {
    expect(read(IN.connect, [])).toEqual({ verdict: 0, seen: [], left: 0 });
  });

  it.each([
    ["an unknown identifier", IN.connect, [0x04, 0]],
    ["text that is not UTF-8", IN.publish, [0x03, 0, 1, 0xff]],
    ["a value that reaches beyond the block", IN.publish, [0x03, 0, 9, 97]],
    ["an identifier without a value", IN.publish, [0x02]],
  ])("refuses %s as malformed", (_, where, bytes) => {
    expect(read(where, bytes).verdict).toBe(REASON.malformedPacket);
  });

  it("refuses a length that reaches beyond the packet as malformed", () => {
    expect(read(IN.publish, [0x23, 0, 1], 4).verdict).toBe(REASON.malformedPacket);
  });

  it("refuses a value that reaches beyond the block but not the packet", () => {
    const cursor = new Cursor(Buffer.from([2, 0x02, 0, 0, 0, 1]), 0);
    expect(readProperties(cursor, IN.publish)).toBe(REASON.malformedPacket);
  });

  it.each([
    ["a property of another packet", IN.subscribe, [0x23, 0, 1]],
    ["a property twice", IN.publish, [0x23, 0, 1, 0x23, 0, 1]],
    ["a property twice, the first with value 0", IN.publish, [0x01, 0, 0x01, 0]],
    ["a flag that is neither 0 nor 1", IN.connect, [0x17, 2]],
    ["receive maximum 0", IN.connect, [0x21, 0, 0]],
    ["maximum packet size 0", IN.connect, [0x27, 0, 0, 0, 0]],
    ["subscription identifier 0", IN.subscribe, [0x0b, 0]],
    ["a subscription identifier from a client", IN.publish, [0x0b, 1]],
  ])("refuses %s as a protocol error", (_, where, bytes) => {
    expect(read(where, bytes).verdict).toBe(REASON.protocolError);
  });
});
