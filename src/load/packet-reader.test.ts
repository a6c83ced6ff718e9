import fc from "fast-check";
import { generate, type Packet } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { PacketReader } from "./packet-reader.ts";

interface Seen {
  readonly slot: number;
  readonly first: number;
  readonly id: number;
  readonly code: number;
}

/** Feeds streams of several slots in pieces, in turn. */
function readAll(streams: readonly Uint8Array[], pieceSize: number, stopAfter = Infinity) {
  const seen: Seen[] = [];
  const reader = new PacketReader(
    {
      onPacket(slot, first, id, code) {
        seen.push({ slot, first, id, code });
        return seen.length < stopAfter;
      },
    },
    streams.length,
  );
  let isMqtt = true;
  const longest = Math.max(...streams.map((stream) => stream.length));
  for (let at = 0; at < longest; at += pieceSize) {
    for (const [slot, stream] of streams.entries()) {
      const length = Math.min(pieceSize, stream.length - at);
      if (length > 0) isMqtt = reader.read(slot, stream, at, length) && isMqtt;
    }
  }
  return { seen, isMqtt };
}

const V5 = { protocolVersion: 5 };

/** Packets as someone else's encoder writes them, and what is wanted of each. */
const PACKETS: readonly [packet: Packet, version: 4 | 5, wanted: Omit<Seen, "slot" | "first">][] = [
  [connect("MQTT", 4), 4, { id: 0, code: 4 }],
  [connect("MQTT", 5), 5, { id: 0, code: 5 }],
  [connect("MQIsdp", 3), 4, { id: 0, code: 3 }],
  [{ cmd: "connack", returnCode: 5, sessionPresent: false }, 4, { id: 0, code: 5 }],
  [{ cmd: "connack", reasonCode: 0x87, sessionPresent: true }, 5, { id: 0, code: 0x87 }],
  [publish(0), 4, { id: 0, code: 0 }],
  [publish(1), 4, { id: 513, code: 0 }],
  [publish(2), 5, { id: 513, code: 0 }],
  [{ cmd: "puback", messageId: 7 }, 4, { id: 7, code: 0 }],
  [{ cmd: "puback", messageId: 7, reasonCode: 0x97 }, 5, { id: 7, code: 0x97 }],
  [{ cmd: "pubrec", messageId: 300 }, 4, { id: 300, code: 0 }],
  [{ cmd: "suback", messageId: 9, granted: [0x80] }, 4, { id: 9, code: 0x80 }],
  [{ cmd: "suback", messageId: 9, granted: [1] }, 5, { id: 9, code: 1 }],
  [{ cmd: "disconnect", reasonCode: 0x8b }, 5, { id: 0, code: 0x8b }],
];

function connect(protocolId: "MQTT" | "MQIsdp", protocolVersion: 3 | 4 | 5): Packet {
  const rest = { keepalive: 60, clean: true, clientId: "somebody" } as const;
  return { cmd: "connect", protocolId, protocolVersion, ...rest };
}

function publish(qos: 0 | 1 | 2): Packet {
  const payload = "p".repeat(200);
  const rest = { retain: false, dup: false, payload } as const;
  return { cmd: "publish", topic: "some/topic", qos, messageId: 513, ...rest };
}

const encoded = PACKETS.map(([packet, version]) =>
  Uint8Array.from(generate(packet, version === 5 ? V5 : {})),
);
const wanted = PACKETS.map(([, , { id, code }]) => ({ id, code }));

describe("PacketReader", () => {
  it.each(PACKETS.map(([packet, version], i) => ({ name: `${packet.cmd} of ${version}`, i })))(
    "reads $name, cut anywhere",
    ({ i }) => {
      const stream = encoded[i]!;
      for (let size = 1; size <= stream.length; size++) {
        const { seen, isMqtt } = readAll([stream], size);
        const { id, code } = seen[0]!;
        expect([isMqtt, seen.length, id]).toEqual([true, 1, wanted[i]!.id]);
        // The code of a PUBLISH means nothing.
        if (stream[0]! >> 4 !== 3) expect(code).toBe(wanted[i]!.code);
      }
    },
  );

  it("reads any run of packets on any number of slots, cut anywhere", () => {
    const order = fc.array(fc.integer({ min: 0, max: encoded.length - 1 }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(order, { minLength: 1, maxLength: 4 }), fc.nat(40), (orders, size) => {
        const streams = orders.map((each) => Buffer.concat(each.map((i) => encoded[i]!)));
        const { seen } = readAll(streams, size + 1);
        for (const [slot, each] of orders.entries()) {
          const ids = seen.filter((packet) => packet.slot === slot).map(({ id }) => id);
          expect(ids).toEqual(each.map((i) => wanted[i]!.id));
        }
      }),
    );
  });

  it("never throws, whatever comes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(30), (bytes, size) => {
        readAll([bytes], size + 1);
      }),
    );
  });

  it("says what is not MQTT: type 0, and a length of five bytes", () => {
    expect(readAll([Uint8Array.of(0, 0)], 9).isMqtt).toBe(false);
    expect(readAll([Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff, 1)], 9).isMqtt).toBe(false);
  });

  it("reads no further once nothing more is wanted", () => {
    const two = Buffer.concat([encoded[0]!, encoded[0]!]);
    expect(readAll([two], two.length, 1).seen).toHaveLength(1);
  });
});
