import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodePuback, encodePublish, PacketSplitter, readMessage } from "./mqtt-packets.ts";

const message = { topic: "a/b", payload: Uint8Array.of(1, 2), qos: 1 } as const;

function split(bytes: Uint8Array) {
  const splitter = new PacketSplitter();
  splitter.add(bytes);
  return { splitter, packet: splitter.next() };
}

describe("PacketSplitter", () => {
  it("gives whole packets, however they come", () => {
    const bytes = Buffer.concat([encodePuback(7), encodePublish(5, message), encodePuback(8)]);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const splitter = new PacketSplitter();
        const types: number[] = [];
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        for (const [i, edge] of edges.slice(1).entries()) {
          splitter.add(bytes.subarray(edges[i], edge));
          for (let got = splitter.next(); got !== null; got = splitter.next()) types.push(got.type);
        }
        expect(types).toEqual([4, 3, 4]);
      }),
    );
  });

  it.each([
    ["a type that is reserved", [0, 0]],
    ["a length that is no length", [0x30, 0xff, 0xff, 0xff, 0xff]],
    ["a packet that is too long", [0x30, 0x80, 0x80, 0x08]],
  ])("is broken by %s", (_, bytes) => {
    const { splitter, packet } = split(Uint8Array.from(bytes));
    expect([packet, splitter.isBroken]).toEqual([null, true]);
  });

  it("tells the type of what is coming in", () => {
    expect(new PacketSplitter().pendingType).toBeNull();
    expect(split(Uint8Array.of(0x48)).splitter.pendingType).toBe(4);
  });
});

describe("readMessage", () => {
  it.each([4, 5] as const)("reads what is published at level %i", (level) => {
    const { packet } = split(encodePublish(level, message));
    expect(readMessage(level, packet!)).toEqual({
      topic: "a/b",
      payload: Uint8Array.of(1, 2),
      id: 2,
    });
    const { packet: plain } = split(encodePublish(level, { ...message, qos: 0 }));
    expect(readMessage(level, plain!)).toMatchObject({ id: 0 });
  });

  it("reads no message from anything else, and never beyond its end", () => {
    expect(readMessage(4, split(encodePuback(1)).packet!)).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(4, 5), (body, level) => {
        const read = readMessage(level as 4 | 5, { type: 3, flags: 2, body });
        expect(read === null || read.payload.length <= body.length).toBe(true);
      }),
    );
  });
});
