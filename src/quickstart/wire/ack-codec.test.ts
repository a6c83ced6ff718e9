import fc from "fast-check";
import { generate, type Packet, parser } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { PacketType } from "../../mqtt/packet-type.ts";
import { REASON } from "../reason.ts";
import { decodeAck, encodeAck } from "./ack-codec.ts";
import type { Version } from "./packet-flags.ts";

const TYPES = ["puback", "pubrec", "pubrel", "pubcomp"] as const;
const VERSIONS: readonly Version[] = [3, 4, 5];

describe("encodeAck", () => {
  it("writes what mqtt-packet reads", () => {
    for (const cmd of TYPES) {
      for (const version of VERSIONS) {
        for (const reason of [REASON.success, REASON.packetIdentifierNotFound]) {
          if (reason !== 0 && (cmd === "puback" || cmd === "pubrec")) continue;
          const packets: Packet[] = [];
          const decoder = parser({ protocolVersion: version });
          decoder.on("packet", (packet) => packets.push(packet));
          decoder.parse(encodeAck(PacketType[cmd], 700, version, reason));
          expect(packets).toMatchObject([{ cmd, messageId: 700 }]);
          if (version === 5) expect(packets).toMatchObject([{ reasonCode: reason }]);
        }
      }
    }
  });
});

describe("decodeAck", () => {
  it("reads what mqtt-packet writes", () => {
    for (const cmd of TYPES) {
      for (const protocolVersion of VERSIONS) {
        const frame = generate({ cmd, messageId: 700 }, { protocolVersion });
        expect(decodeAck(frame, 2, protocolVersion)).toEqual({ packetId: 700, reason: 0 });
      }
    }
    const properties = { reasonString: "why", userProperties: { a: "b" } };
    const full = { cmd: "puback", messageId: 9, reasonCode: 0x97, properties } as const;
    const frame = generate(full, { protocolVersion: 5 });
    expect(decodeAck(frame, 2, 5)).toEqual({ packetId: 9, reason: 0x97 });
  });

  it.each([
    ["no packet id", 4, [0x40, 1, 0], REASON.malformedPacket],
    ["packet id 0", 4, [0x40, 2, 0, 0], REASON.protocolError],
    ["bytes left over in 3.1.1", 4, [0x40, 3, 0, 1, 0], REASON.malformedPacket],
    ["a reason of another packet", 5, [0x62, 3, 0, 1, 0x97], REASON.malformedPacket],
    ["a property of another packet", 5, [0x40, 6, 0, 1, 0, 2, 0x01, 1], REASON.protocolError],
    ["bytes left over in 5.0", 5, [0x40, 5, 0, 1, 0, 0, 0], REASON.malformedPacket],
  ] as const)("refuses %s", (_, version, bytes, reason) => {
    expect(decodeAck(Buffer.from(bytes), 2, version)).toBe(reason);
  });

  it("survives any bytes", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 20 }),
        fc.integer({ min: 4, max: 7 }),
        (body, type) => {
          const frame = Buffer.from([type << 4, body.length, ...body]);
          const ack = decodeAck(frame, 2, 5);
          if (typeof ack === "number") expect(ack).toBeGreaterThanOrEqual(0x80);
          else expect(ack.packetId).toBeGreaterThan(0);
        },
      ),
    );
  });
});
