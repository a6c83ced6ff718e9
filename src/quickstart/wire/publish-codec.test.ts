import fc from "fast-check";
import { generate, type IPublishPacket, type Packet, parser } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { Message, NOTHING, type Qos } from "../message.ts";
import { REASON } from "../reason.ts";
import type { Version } from "./packet-flags.ts";
import { decodePublish, encodePublish, publishSize } from "./publish-codec.ts";

const text = fc.string({ unit: "grapheme", maxLength: 20 }).filter((s) => !s.includes("\0"));
const topic = text.filter((s) => s !== "");
const qos = fc.constantFrom<Qos>(0, 1, 2);
const version = fc.constantFrom<Version>(3, 4, 5);
const payload = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

function readWithMqttPacket(bytes: Buffer, protocolVersion: Version): IPublishPacket {
  const packets: Packet[] = [];
  const decoder = parser({ protocolVersion });
  decoder.on("packet", (packet) => packets.push(packet));
  decoder.parse(bytes);
  expect(packets).toHaveLength(1);
  return packets[0] as IPublishPacket;
}

function makeMessage(name: string, bytes: Buffer, passedOn = NOTHING): Message {
  const rest = { qos: 0, retain: false, expiresAtMs: Infinity, publisher: "" } as const;
  return new Message({ topic: name, payload: bytes, passedOn, ...rest });
}

function bodyAt(frame: Buffer): number {
  let at = 1;
  while (frame[at]! >= 0x80) at++;
  return at + 1;
}

describe("decodePublish", () => {
  it("reads what mqtt-packet writes", () => {
    fc.assert(
      fc.property(version, topic, payload, qos, fc.boolean(), (level, name, bytes, q, retain) => {
        const dup = q > 0;
        const sent = { topic: name, payload: bytes, qos: q, dup, retain, messageId: 513 };
        const frame = generate({ cmd: "publish", ...sent }, { protocolVersion: level });
        const packet = decodePublish(frame, bodyAt(frame), level);
        expect(packet).toMatchObject({
          topic: name,
          payload: bytes,
          qos: q,
          dup,
          retain,
          packetId: q > 0 ? 513 : 0,
          topicAlias: 0,
          expiryS: null,
        });
      }),
    );
  });

  it("keeps alias and expiry for the broker and passes the rest on as it came", () => {
    const pairs = [0x26, 0, 1, 97, 0, 1, 49, 0x26, 0, 1, 98, 0, 0, 0x26, 0, 1, 97, 0, 1, 50];
    const format = [0x01, 1];
    const properties = [...format, 0x23, 0, 9, 0x02, 0, 0, 0, 60, ...pairs];
    const frame = Buffer.from([0x30, 0, 0, 1, 120, properties.length, ...properties, 33]);
    frame[1] = frame.length - 2;
    const packet = decodePublish(frame, 2, 5);
    expect(packet).toMatchObject({ topic: "x", topicAlias: 9, expiryS: 60 });
    if (typeof packet === "number") return;
    expect([...packet.passedOn]).toEqual([...format, ...pairs]);
    expect([...packet.payload]).toEqual([33]);
  });

  it.each([
    ["a topic that is cut off", [0x30, 3, 0, 9, 120], REASON.malformedPacket],
    ["a topic that is not UTF-8", [0x30, 3, 0, 1, 0xff], REASON.malformedPacket],
    ["no packet id", [0x32, 3, 0, 1, 120], REASON.malformedPacket],
    ["packet id 0", [0x32, 5, 0, 1, 120, 0, 0], REASON.protocolError],
    ["no property length", [0x30, 3, 0, 1, 120], REASON.malformedPacket],
    ["alias 0", [0x30, 7, 0, 1, 120, 3, 0x23, 0, 0], REASON.topicAliasInvalid],
    ["a will's property", [0x30, 9, 0, 1, 120, 5, 0x18, 0, 0, 0, 1], REASON.protocolError],
  ])("refuses %s", (_, bytes, reason) => {
    expect(decodePublish(Buffer.from(bytes), 2, 5)).toBe(reason);
  });

  it("survives any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), version, fc.nat(15), (body, level, flags) => {
        const frame = Buffer.from([0x30 | flags, body.length, ...body]);
        const packet = decodePublish(frame, 2, level);
        if (typeof packet === "number") expect(packet).toBeGreaterThanOrEqual(0x80);
        else expect(packet.payload.length).toBeLessThanOrEqual(body.length);
      }),
    );
  });
});

describe("encodePublish", () => {
  it("writes what mqtt-packet reads, and says beforehand how long it is", () => {
    const ids = fc.array(fc.integer({ min: 1, max: 268_435_455 }), { maxLength: 3 });
    const expiry = fc.option(fc.nat(4_294_967_295));
    fc.assert(
      fc.property(version, topic, payload, qos, ids, expiry, (level, name, bytes, q, list, s) => {
        const message = makeMessage(name, bytes);
        const options = {
          version: level,
          qos: q,
          dup: q > 0,
          retain: true,
          packetId: 7,
          topic: name,
          topicAlias: 12,
          subscriptionIds: list,
          expiryS: s,
        };
        const frame = encodePublish(message, options, true);
        expect(frame.length).toBe(publishSize(message, options));
        const head = encodePublish(message, options, false);
        expect(Buffer.concat([head, bytes])).toEqual(frame);
        const packet = readWithMqttPacket(frame, level);
        expect(packet).toMatchObject({ topic: name, payload: bytes, qos: q, retain: true });
        expect(packet.messageId).toBe(q > 0 ? 7 : undefined);
        if (level !== 5) return;
        expect(packet.properties?.topicAlias).toBe(12);
        expect(packet.properties?.messageExpiryInterval).toBe(s ?? undefined);
        expect([packet.properties?.subscriptionIdentifier ?? []].flat()).toEqual(list);
      }),
    );
  });

  it("leaves properties to 5.0", () => {
    const passedOn = Buffer.from([0x01, 1]);
    const options = {
      qos: 0,
      dup: false,
      retain: false,
      packetId: 0,
      topic: "x",
      topicAlias: 0,
      subscriptionIds: null,
      expiryS: 3,
    } as const;
    const message = makeMessage("x", Buffer.from("p"), passedOn);
    expect([...encodePublish(message, { ...options, version: 4 }, true)]).toEqual([
      0x30, 4, 0, 1, 120, 112,
    ]);
    const five = readWithMqttPacket(encodePublish(message, { ...options, version: 5 }, true), 5);
    expect(five.properties).toMatchObject({
      payloadFormatIndicator: true,
      messageExpiryInterval: 3,
    });
  });
});
