import fc from "fast-check";
import { generate, type IConnackPacket, type Packet, parser } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { CONNACK_GROWTH_MAX, ConnackBounds } from "./connack-bounds.ts";
import { PACKET_SIZE_MAX } from "./framing.ts";
import { readVariableLength, variableLengthSize } from "./variable-length.ts";

type Properties = NonNullable<IConnackPacket["properties"]>;
type Given = Partial<Omit<ConnackBounds, "areSet" | "tell">>;

/** Never written by anybody: what is behind the bytes stays as it is. */
const GUARD = 0xa5;
const BEFORE = 3;

function connack(properties: Properties, sessionPresent = false): Uint8Array {
  const packet = { cmd: "connack", reasonCode: 0, sessionPresent, properties } as const;
  return generate(packet, { protocolVersion: 5 });
}

/** Puts bytes among others, tells a client of these bounds. @returns what the client gets */
function tell(packet: Uint8Array, given: Given, behind = new Uint8Array(0)): Uint8Array {
  const bounds = Object.assign(new ConnackBounds(), given);
  const length = packet.length + behind.length;
  const bytes = new Uint8Array(BEFORE + length + CONNACK_GROWTH_MAX + BEFORE).fill(GUARD);
  bytes.set(packet, BEFORE);
  bytes.set(behind, BEFORE + packet.length);
  const told = bounds.tell(bytes, BEFORE, length);
  expect(told - length).toBeLessThanOrEqual(CONNACK_GROWTH_MAX);
  const around = [...bytes.subarray(0, BEFORE), ...bytes.subarray(-BEFORE)];
  expect(around).toEqual(Array(2 * BEFORE).fill(GUARD));
  return bytes.slice(BEFORE, BEFORE + told);
}

/** As mqtt-packet reads it. */
function read(bytes: Uint8Array): IConnackPacket[] {
  const packets: Packet[] = [];
  const reader = parser({ protocolVersion: 5 });
  reader.on("packet", (packet) => packets.push(packet));
  reader.on("error", (error) => {
    throw error;
  });
  expect(reader.parse(Buffer.from(bytes))).toBe(0);
  return packets as IConnackPacket[];
}

const bounds = fc.record({
  qosMax: fc.constantFrom(0, 1, 2),
  allowsRetain: fc.boolean(),
  packetSizeMax: fc.oneof(
    fc.integer({ min: 16, max: PACKET_SIZE_MAX }),
    fc.constant(PACKET_SIZE_MAX),
  ),
});

const properties = fc.record(
  {
    sessionExpiryInterval: fc.integer({ min: 0, max: 0xffff_ffff }),
    receiveMaximum: fc.integer({ min: 1, max: 65_535 }),
    maximumQoS: fc.constantFrom(0, 1),
    retainAvailable: fc.boolean(),
    maximumPacketSize: fc.integer({ min: 1, max: 0xffff_ffff }),
    assignedClientIdentifier: fc.string({ maxLength: 140 }),
    reasonString: fc.string({ minLength: 0, maxLength: 300 }),
    userProperties: fc.constant({ a: "b" }),
    serverKeepAlive: fc.integer({ min: 1, max: 65_535 }),
    serverReference: fc.constant("other.example:1883"),
  },
  { requiredKeys: [] },
);

describe("ConnackBounds", () => {
  it("lowers what the server allows, adds what it does not say, keeps all else", () => {
    fc.assert(
      fc.property(properties, bounds, fc.boolean(), (said, given, session) => {
        const [before] = read(connack(said as Properties, session));
        const told = tell(connack(said as Properties, session), given, Uint8Array.of(0xd0, 0));
        const [after, behind] = read(told);
        expect(behind?.cmd).toBe("pingresp");
        const { maximumQoS, retainAvailable, maximumPacketSize, ...rest } = after!.properties ?? {};
        const { maximumQoS: qos, retainAvailable: retain, ...own } = before!.properties ?? {};
        const { maximumPacketSize: size, ...others } = own;
        expect(rest).toEqual(others);
        expect(maximumQoS ?? 2).toBe(Math.min(qos ?? 2, given.qosMax));
        expect(retainAvailable ?? true).toBe((retain ?? true) && given.allowsRetain);
        const least = Math.min(size ?? PACKET_SIZE_MAX, given.packetSizeMax);
        expect(maximumPacketSize ?? PACKET_SIZE_MAX).toBe(least);
        expect([after!.sessionPresent, after!.reasonCode]).toEqual([session, 0]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("writes not a byte where nothing is bounded, or the server forbids as much", () => {
    const strict = connack({ maximumQoS: 0, retainAvailable: false, maximumPacketSize: 100 });
    const given = { qosMax: 1, allowsRetain: false, packetSizeMax: 1_000 };
    expect(tell(strict, given)).toEqual(new Uint8Array(strict));
    expect(new ConnackBounds().areSet).toBe(false);
    expect(Object.assign(new ConnackBounds(), { qosMax: 1 }).areSet).toBe(true);
  });

  it("grows both length fields where they have to", () => {
    for (let length = 100; length < 140; length++) {
      const said = connack({ reasonString: "x".repeat(length) });
      const [told] = read(tell(said, { qosMax: 0, allowsRetain: false, packetSizeMax: 5_000 }));
      expect(told!.properties).toEqual({
        ...{ reasonString: "x".repeat(length), maximumQoS: 0 },
        ...{ retainAvailable: false, maximumPacketSize: 5_000 },
      });
    }
  });

  it("gives properties to a CONNACK that has left out their length", () => {
    const told = tell(Uint8Array.of(0x20, 2, 1, 0), { qosMax: 1 }, Uint8Array.of(0xd0, 0));
    expect([...told]).toEqual([0x20, 5, 1, 0, 2, 0x24, 1, 0xd0, 0]);
  });

  it("adds nothing that makes the packet larger than the client takes [MQTT-3.1.2-24]", () => {
    const said = Uint8Array.of(0x20, 3, 0, 0, 0);
    const given = { qosMax: 1, allowsRetain: false };
    expect(tell(said, { ...given, clientPacketSizeMax: 8 })).toEqual(said);
    expect(tell(said, { ...given, clientPacketSizeMax: 9 })).toHaveLength(9);
  });

  it("stays inside its room and keeps what it cannot walk, whatever the server sends", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), bounds, (section, given) => {
        const head = [0x20, section.length + 3, 0, 0, section.length];
        const said = Uint8Array.from([...head, ...section]);
        const told = tell(said, given);
        const remaining = readVariableLength(told, 1, told.length);
        expect(1 + variableLengthSize(remaining) + remaining).toBe(told.length);
        expect(told.length).toBeGreaterThanOrEqual(said.length);
      }),
      { numRuns: 5_000 },
    );
  });
});
