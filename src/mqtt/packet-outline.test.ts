import fc from "fast-check";
import { generate, type Packet } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { LISTED_MAX, outlinePacket } from "./packet-outline.ts";

function outline(packet: object, level: 4 | 5 = 5) {
  return outlinePacket(generate(packet as Packet, { protocolVersion: level }), level);
}

const CONNECT = {
  ...{ cmd: "connect", clientId: "pump-1", clean: true, keepalive: 60 },
  ...{ username: "ops", password: Buffer.from("hunter2") },
  will: { topic: "gone", payload: Buffer.from("last words"), qos: 2, retain: true },
};

describe("outlinePacket", () => {
  it("reads a CONNECT of every version, and hides what is secret", () => {
    for (const [protocolVersion, protocolId] of [
      [3, "MQIsdp"],
      [4, "MQTT"],
      [5, "MQTT"],
    ] as const) {
      const found = outlinePacket(
        generate({ ...CONNECT, protocolVersion, protocolId } as Packet),
        protocolVersion,
      );
      expect(found).toMatchObject({
        ...{ type: "CONNECT", level: protocolVersion, clientId: "pump-1", cleanStart: true },
        ...{ keepAliveSeconds: 60, userName: "ops", hasPassword: true },
        will: { topic: "gone", qos: 2, retain: true, payloadSize: 10 },
        ...{ isCut: false, isMalformed: false },
      });
      expect(JSON.stringify(found)).not.toContain("hunter2");
    }
    const properties = { authenticationMethod: "m", authenticationData: Buffer.from("secret") };
    const found = outline({ ...CONNECT, protocolVersion: 5, properties });
    expect(found.properties).toEqual([
      ["authenticationMethod", "m"],
      ["authenticationData", "(hidden)"],
    ]);
  });

  it("reads a PUBLISH: its head, and where its payload is", () => {
    const payload = Buffer.from("hello");
    const publish = { cmd: "publish", topic: "a/b", payload, qos: 1, messageId: 7, dup: true };
    expect(outline(publish, 4)).toMatchObject({
      ...{ type: "PUBLISH", topic: "a/b", qos: 1, packetId: 7, dup: true, retain: false },
      ...{ size: 14, payloadSize: 5, payloadOffset: 9 },
    });
    const properties = { topicAlias: 3, userProperties: { k: ["v", "w"] } };
    const found = outline({ ...publish, qos: 0, dup: false, retain: true, properties });
    expect(found).toMatchObject({ qos: 0, retain: true, payloadSize: 5 });
    expect(found.properties).toEqual([
      ["topicAlias", 3],
      ["userProperty", "k=v"],
      ["userProperty", "k=w"],
    ]);
  });

  it("reads answers, with their reasons in words", () => {
    const reasonOf = (packet: object, level: 4 | 5 = 5) => outline(packet, level).reason;
    const connack = (code: object) => ({ cmd: "connack", sessionPresent: true, ...code });
    expect(outline(connack({ reasonCode: 0x87 }))).toMatchObject({
      ...{ type: "CONNACK", sessionPresent: true },
      reason: { code: 0x87, name: "not authorized" },
    });
    expect(reasonOf(connack({ returnCode: 5 }), 4)).toEqual({ code: 5, name: "not authorized" });
    expect(reasonOf(connack({ returnCode: 0 }), 4)).toEqual({ code: 0, name: "accepted" });
    expect(reasonOf({ cmd: "puback", messageId: 9 })).toEqual({ code: 0, name: "success" });
    expect(outline({ cmd: "pubrec", messageId: 9, reasonCode: 0x97 })).toMatchObject({
      ...{ packetId: 9, reason: { name: "quota exceeded" } },
    });
    expect(reasonOf({ cmd: "pubcomp", messageId: 9 }, 4)).toBeUndefined();
    expect(reasonOf({ cmd: "disconnect", reasonCode: 0x9c })!.name).toBe("use another server");
    expect(reasonOf({ cmd: "auth", reasonCode: 0x18 })!.name).toBe("continue authentication");
    expect(outline({ cmd: "pingreq" })).toEqual({
      ...{ type: "PINGREQ", size: 2, isCut: false, isMalformed: false },
    });
  });

  it("reads subscriptions and what became of them", () => {
    const subscriptions = [
      { topic: "a/#", qos: 1, nl: true, rap: false, rh: 2 },
      { topic: "b", qos: 0 },
    ];
    const subscribe = { cmd: "subscribe", messageId: 3, subscriptions };
    expect(outline(subscribe)).toMatchObject({
      packetId: 3,
      filters: [
        { filter: "a/#", qos: 1, noLocal: true, retainAsPublished: false, retainHandling: 2 },
        { filter: "b", qos: 0 },
      ],
    });
    expect(outline(subscribe, 4).filters![0]).toEqual({ filter: "a/#", qos: 1 });
    const suback = { cmd: "suback", messageId: 3, granted: [1, 0x80] };
    expect(outline(suback, 4).reasons!.map(({ name }) => name)).toEqual([
      "granted QoS 1",
      "failure",
    ]);
    expect(outline({ cmd: "unsubscribe", messageId: 4, unsubscriptions: ["a/#"] })).toMatchObject({
      filters: [{ filter: "a/#" }],
    });
    const unsuback = { cmd: "unsuback", messageId: 4, granted: [0x11] };
    expect(outline(unsuback).reasons![0]!.name).toBe("no subscription existed");
    const many = { ...subscribe, subscriptions: Array(200).fill(subscriptions[1]) };
    expect(outline(many).filters).toHaveLength(LISTED_MAX);
  });

  it("reads as much as there is of a packet that was cut, and calls none malformed", () => {
    const payload = Buffer.from("hello");
    const properties = { contentType: "text", userProperties: { k: "v" } };
    for (const packet of [
      { ...CONNECT, protocolVersion: 5, properties: { sessionExpiryInterval: 5 } },
      { cmd: "publish", topic: "a/b", payload, qos: 2, messageId: 7, properties },
      { cmd: "subscribe", messageId: 3, subscriptions: [{ topic: "a", qos: 1 }] },
      { cmd: "suback", messageId: 3, granted: [1, 0x80] },
      { cmd: "disconnect", reasonCode: 0x9c, properties: { reasonString: "x" } },
    ] as const) {
      const whole = generate(packet as unknown as Packet, { protocolVersion: 5 });
      const full = outlinePacket(whole, 5);
      expect([full.isCut, full.isMalformed]).toEqual([false, false]);
      for (let length = 1; length < whole.length; length++) {
        const { type, isMalformed, ...found } = outlinePacket(whole.subarray(0, length), 5);
        expect([type, isMalformed]).toEqual([full.type, false]);
        const isPayloadOnly = packet.cmd === "publish" && length >= full.payloadOffset!;
        expect(found.isCut).toBe(!isPayloadOnly);
        if (length > 2 && found.topic !== undefined) expect(found.topic).toBe("a/b");
        if (length > 2) expect(found.size).toBe(whole.length);
      }
    }
  });

  it("says that a field beyond its packet is malformed", () => {
    expect(outlinePacket(Uint8Array.of(0x30, 3, 0, 9, 65), 4).isMalformed).toBe(true);
    // A property section that is longer than its packet, and an identifier that nobody has.
    expect(outlinePacket(Uint8Array.of(0x30, 4, 0, 1, 65, 9), 5).isMalformed).toBe(true);
    expect(outlinePacket(Uint8Array.of(0x30, 5, 0, 1, 65, 1, 0x7f), 5).isMalformed).toBe(true);
    expect(outlinePacket(Uint8Array.of(0x00, 0), 5)).toMatchObject({ isMalformed: true });
  });

  it("takes any bytes", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 0, max: 6 }),
        (bytes, of) => {
          const { type, size } = outlinePacket(bytes, of);
          expect([typeof type, size >= 0]).toEqual(["string", true]);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
