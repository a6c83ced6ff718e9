import fc from "fast-check";
import { generate, type Packet } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { REASON } from "../reason.ts";
import { decodeControl } from "./control-codec.ts";
import { checkConnect, checkControl } from "./packet-check.ts";
import type { Version } from "./packet-flags.ts";

const VERSIONS: readonly Version[] = [3, 4, 5];

function connectFrame(version: Version): Buffer {
  const five = version === 5;
  return generate({
    cmd: "connect",
    protocolId: version === 3 ? "MQIsdp" : "MQTT",
    protocolVersion: version as 3 | 4 | 5,
    clientId: "client",
    clean: true,
    keepalive: 30,
    username: "user",
    password: Buffer.from([0, 255]),
    ...(five ? { properties: { sessionExpiryInterval: 5, userProperties: { a: "b" } } } : {}),
    will: {
      topic: "will",
      payload: Buffer.from("gone"),
      qos: 2,
      retain: true,
      ...(five ? { properties: { willDelayInterval: 3 } } : {}),
    },
  });
}

function changed(frame: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(frame);
  copy[at] = value;
  return copy;
}

describe("checkConnect", () => {
  it.each(VERSIONS)("takes a CONNECT with everything in it (level %i)", (version) => {
    const frame = connectFrame(version);
    const layout = checkConnect(frame, 2);
    expect(layout).toMatchObject({ version });
    if (typeof layout === "number") return;
    expect(layout.willPropertiesAt > 0).toBe(version === 5);
    if (version === 5) expect(frame[layout.willPropertiesAt + 1]).toBe(0x18);
  });

  it.each(VERSIONS)("refuses every CONNECT that is cut short (level %i)", (version) => {
    const frame = connectFrame(version);
    for (let end = 2; end < frame.length; end++) {
      expect(typeof checkConnect(frame.subarray(0, end), 2)).toBe("number");
    }
  });

  it("refuses bytes left over", () => {
    const frame = Buffer.concat([connectFrame(4), Buffer.from([0])]);
    expect(checkConnect(frame, 2)).toBe(REASON.malformedPacket);
  });

  const FLAGS_AT = 9;
  it.each([
    ["the reserved flag [MQTT-3.1.2-3]", 0b1111_0111],
    ["will QoS 3 [MQTT-3.1.2-12]", 0b1101_1110],
    ["will QoS without a will [MQTT-3.1.2-11]", 0b1100_1010],
    ["will retain without a will [MQTT-3.1.2-13]", 0b1110_0010],
    ["a password without a user name [MQTT-3.1.2-22]", 0b0111_0110],
  ])("refuses %s", (_, flags) => {
    expect(checkConnect(changed(connectFrame(4), FLAGS_AT, flags), 2)).toBe(REASON.malformedPacket);
  });

  it("lets 5.0 have a password alone", () => {
    const bytes = [0x10, 0, 0, 4, 77, 81, 84, 84, 5, 0x42, 0, 0, 0, 0, 1, 97, 0, 1, 120];
    expect(checkConnect(Buffer.from(bytes), 2)).toEqual({ version: 5, willPropertiesAt: 0 });
  });

  it.each([
    ["MQTT", 3],
    ["MQTT", 6],
    ["MQTT", 0x84],
    ["MQIsdp", 4],
    ["mqtt", 4],
    ["hj", 4],
  ])("refuses protocol %s level %i as unsupported", (name, level) => {
    const head = Buffer.from([0x10, 0, 0, name.length, ...Buffer.from(name), level, 2, 0, 0, 0, 0]);
    expect(checkConnect(head, 2)).toBe(REASON.unsupportedProtocolVersion);
  });

  it("leaves mqtt-packet nothing to stumble over", () => {
    const base = connectFrame(5);
    fc.assert(
      fc.property(fc.nat(base.length - 1), fc.nat(255), (at, value) => {
        const frame = changed(base, Math.max(2, at), value);
        const layout = checkConnect(frame, 2);
        if (typeof layout === "number") return;
        const packet = decodeControl(frame, layout.version);
        expect(packet).toMatchObject({ cmd: "connect", protocolVersion: layout.version });
      }),
      { numRuns: 3000 },
    );
  });
});

describe("checkControl", () => {
  const subscriptions = [
    { topic: "a/+", qos: 2 as const, nl: true, rap: true, rh: 2 },
    { topic: "b", qos: 0 as const, nl: false, rap: false, rh: 0 },
  ];
  const packets: Packet[] = [
    { cmd: "subscribe", messageId: 1, subscriptions },
    { cmd: "unsubscribe", messageId: 1, unsubscriptions: ["a", "b/#"] },
    { cmd: "disconnect" },
    { cmd: "pingreq" },
  ];

  it.each(packets)("takes what mqtt-packet writes: $cmd", (packet) => {
    for (const version of VERSIONS) {
      const frame = generate(packet, { protocolVersion: version });
      expect(checkControl(frame, 2, version)).toBe(0);
    }
  });

  it("takes 5.0 packets with properties", () => {
    const userProperties = { name: "value" };
    const full: Packet[] = [
      {
        cmd: "subscribe",
        messageId: 1,
        subscriptions,
        properties: { subscriptionIdentifier: 300, userProperties },
      },
      { cmd: "unsubscribe", messageId: 1, unsubscriptions: ["a"], properties: { userProperties } },
      { cmd: "disconnect", reasonCode: 4, properties: { sessionExpiryInterval: 7 } },
    ];
    for (const packet of full) {
      expect(checkControl(generate(packet, { protocolVersion: 5 }), 2, 5)).toBe(0);
    }
  });

  it.each([
    ["SUBSCRIBE without a filter [MQTT-3.8.3-2]", 4, [0x82, 2, 0, 1], REASON.protocolError],
    ["SUBSCRIBE with packet id 0", 4, [0x82, 6, 0, 0, 0, 1, 97, 0], REASON.protocolError],
    ["QoS 3", 4, [0x82, 6, 0, 1, 0, 1, 97, 3], REASON.malformedPacket],
    ["5.0 options in 3.1.1", 4, [0x82, 6, 0, 1, 0, 1, 97, 4], REASON.malformedPacket],
    ["retain handling 3", 5, [0x82, 7, 0, 1, 0, 0, 1, 97, 0x30], REASON.malformedPacket],
    ["reserved options", 5, [0x82, 7, 0, 1, 0, 0, 1, 97, 0x40], REASON.malformedPacket],
    ["a filter that is cut off", 4, [0x82, 5, 0, 1, 0, 9, 97], REASON.malformedPacket],
    ["a filter without options", 4, [0x82, 5, 0, 1, 0, 1, 97], REASON.malformedPacket],
    ["UNSUBSCRIBE without a filter", 5, [0xa2, 3, 0, 1, 0], REASON.protocolError],
    ["UNSUBSCRIBE with a bad filter", 4, [0xa2, 5, 0, 1, 0, 1, 0xff], REASON.malformedPacket],
    ["PINGREQ with a body", 4, [0xc0, 1, 0], REASON.malformedPacket],
    ["DISCONNECT with a body in 3.1.1", 4, [0xe0, 1, 0], REASON.malformedPacket],
    ["DISCONNECT with bytes left over", 5, [0xe0, 3, 0, 0, 0], REASON.malformedPacket],
    ["a packet only servers send", 4, [0xd0, 0], REASON.protocolError],
    ["a type that does not exist", 4, [0x00, 0], REASON.protocolError],
  ] as const)("refuses %s", (_, version, bytes, reason) => {
    expect(checkControl(Buffer.from(bytes), 2, version)).toBe(reason);
  });
});
