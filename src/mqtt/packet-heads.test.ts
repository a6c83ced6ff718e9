import { generate, type Packet } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { PacketHeads } from "./packet-heads.ts";

const PACKETS: readonly Buffer[] = [
  { cmd: "connect", clientId: "pump", protocolVersion: 5, clean: true } as Packet,
  { cmd: "pingreq" } as Packet,
  { cmd: "publish", topic: "a", payload: Buffer.alloc(300, 7), qos: 1, messageId: 3 } as Packet,
  { cmd: "publish", topic: "b", payload: Buffer.alloc(20_000), qos: 0 } as Packet,
  { cmd: "disconnect" } as Packet,
].map((packet) => generate(packet));
const STREAM = Buffer.concat(PACKETS);

/** What is found when the stream comes in pieces that end there. */
function collect(heads: PacketHeads, stream: Uint8Array, ends: readonly number[]) {
  const found: { head: Buffer; size: number }[] = [];
  let from = 0;
  for (const end of [...ends, stream.length]) {
    let at = from;
    while (at < end || heads.isWhole) {
      at = heads.take(stream, at, end);
      if (!heads.isWhole) continue;
      const head = Buffer.from(heads.bytes.subarray(0, heads.length));
      found.push({ head, size: heads.packetSize });
      heads.next();
    }
    from = end;
  }
  return found;
}

const wanted = (keepMax: number) =>
  PACKETS.map((packet) => ({ head: packet.subarray(0, keepMax), size: packet.length }));

describe("PacketHeads", () => {
  it.each([5, 64, 512])("finds the first %i bytes of each packet, however it is split", (keep) => {
    expect(collect(new PacketHeads(keep, 0), STREAM, [])).toEqual(wanted(keep));
    for (let end = 1; end < 700; end++) {
      expect(collect(new PacketHeads(keep, 0), STREAM, [end])).toEqual(wanted(keep));
    }
    const eachByte = Array.from({ length: STREAM.length }, (_, i) => i);
    expect(collect(new PacketHeads(keep, 0), STREAM, eachByte)).toEqual(wanted(keep));
  });

  it("passes over what is left of a packet that had begun", () => {
    const left = PACKETS[0]!.length - 4;
    const heads = new PacketHeads(64, left);
    expect(collect(heads, STREAM.subarray(4), [2])).toEqual(wanted(64).slice(1));
  });

  it.each([
    ["type 0", [0x00, 0x00]],
    ["a length of five bytes", [0x30, 0x80, 0x80, 0x80, 0x80, 0x01]],
  ])("stops at %s", (_, bytes) => {
    const heads = new PacketHeads(64, 0);
    const stream = Buffer.concat([PACKETS[1]!, Buffer.from(bytes), STREAM]);
    const found = collect(heads, stream, [3]);
    expect(found).toHaveLength(2);
    expect([found[1]!.size, heads.isGarbage]).toEqual([0, true]);
    expect(heads.take(stream, 0, stream.length)).toBe(stream.length);
  });
});
