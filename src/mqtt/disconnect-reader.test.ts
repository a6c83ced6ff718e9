import fc from "fast-check";
import { generate, type IDisconnectPacket } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { DisconnectReader } from "./disconnect-reader.ts";
import { PACKET_COUNT_WORDS, PacketTracker } from "./framing.ts";

type Properties = NonNullable<IDisconnectPacket["properties"]>;

function disconnect(properties: Properties, reasonCode = 4): Uint8Array {
  return generate({ cmd: "disconnect", reasonCode, properties }, { protocolVersion: 5 });
}

const PUBLISH = generate({
  ...{ cmd: "publish", topic: "t", payload: Buffer.alloc(300, 0xe0), qos: 0 },
  ...{ dup: false, retain: false },
} as const);

/** Reads pieces as a relay does. @returns what was found; null: nothing */
function read(pieces: readonly Uint8Array[], client = 1): number | null {
  const reader = new DisconnectReader(2);
  const tracker = new PacketTracker(2);
  const counts = new Float64Array(PACKET_COUNT_WORDS);
  reader.reset(client);
  let found: number | null = null;
  for (const piece of pieces) {
    if (reader.read(client, tracker.position(0), piece, 0, piece.length)) {
      expect(found).toBe(null);
      found = reader.interval(client);
    }
    tracker.track(0, piece, 0, piece.length, counts);
  }
  return found;
}

describe("DisconnectReader", () => {
  it("finds the interval wherever it stands, however the bytes are cut", () => {
    for (const properties of [
      { sessionExpiryInterval: 600 },
      { sessionExpiryInterval: 0xffff_ffff, reasonString: "x".repeat(200) },
      { reasonString: "", sessionExpiryInterval: 0 },
      { userProperties: { a: "b", longer: "x".repeat(130) }, sessionExpiryInterval: 7 },
    ]) {
      const bytes = Uint8Array.from([...PUBLISH, 0xc0, 0, ...disconnect(properties)]);
      for (let at = 0; at <= bytes.length; at++) {
        expect(read([bytes.subarray(0, at), bytes.subarray(at)])).toBe(
          properties.sessionExpiryInterval,
        );
      }
      expect(read(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toBe(
        properties.sessionExpiryInterval,
      );
    }
  });

  it("finds nothing where nothing is said", () => {
    for (const packet of [
      Uint8Array.of(0xe0, 0),
      Uint8Array.of(0xe0, 1, 4),
      disconnect({}),
      disconnect({ reasonString: "bye" }),
      PUBLISH,
    ]) {
      expect(read([Uint8Array.from(packet)])).toBe(null);
    }
  });

  it("begins anew with the next client", () => {
    const reader = new DisconnectReader(1);
    const packet = disconnect({ sessionExpiryInterval: 9 });
    for (let client = 0; client < 2; client++) {
      reader.reset(0);
      expect(reader.read(0, 0, packet, 0, packet.length)).toBe(true);
      expect(reader.read(0, 0, packet, 0, packet.length)).toBe(false);
    }
  });

  it("takes whatever comes, one byte after the other", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
        const bytes = Uint8Array.from([0xe0, ...tail]);
        const whole = read([bytes]);
        expect(read(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toBe(whole);
      }),
    );
  });
});
