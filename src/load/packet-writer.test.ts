import { type IConnectPacket, type Packet, parser } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { encodeText } from "../bytes/utf8.ts";
import {
  ConnectWriter,
  encodePublishHead,
  encodeSubscribe,
  publishIdBeforeEnd,
  writeAcknowledge,
} from "./packet-writer.ts";

/** What someone else's parser makes of it. */
function parse(bytes: Uint8Array, protocolVersion: 3 | 4 | 5 = 4): Packet {
  const packets: Packet[] = [];
  const reader = parser({ protocolVersion });
  reader.on("packet", (packet) => packets.push(packet));
  reader.on("error", (error) => {
    throw error;
  });
  reader.parse(Buffer.from(bytes));
  expect(packets).toHaveLength(1);
  return packets[0]!;
}

describe("ConnectWriter", () => {
  const plain = { cleanStart: true, keepAliveSeconds: 300 } as const;

  it.each([3, 4, 5] as const)("writes a CONNECT of level %i", (level) => {
    const writer = new ConnectWriter({ level, ...plain });
    const target = new Uint8Array(200);
    const end = writer.write(target, 7, encodeText("client-1"));
    expect(end - 7).toBe(writer.sizeOf(8));
    const packet = parse(target.subarray(7, end), level) as IConnectPacket;
    expect(packet).toMatchObject({
      protocolId: level === 3 ? "MQIsdp" : "MQTT",
      protocolVersion: level,
      clean: true,
      keepalive: 300,
      clientId: "client-1",
    });
  });

  it("writes user name and password", () => {
    const withUser = { userName: "someone", password: "secret", cleanStart: false };
    const writer = new ConnectWriter({ level: 4, ...plain, ...withUser });
    const target = new Uint8Array(writer.sizeOf(1));
    writer.write(target, 0, encodeText("x"));
    const packet = parse(target) as IConnectPacket;
    expect(packet).toMatchObject({ username: "someone", clean: false, clientId: "x" });
    expect(String(packet.password)).toBe("secret");
  });

  it("refuses a text that no packet holds", () => {
    const userName = "u".repeat(65_536);
    expect(() => new ConnectWriter({ level: 4, ...plain, userName })).toThrow(/65536 bytes/);
  });
});

describe("encodePublishHead", () => {
  it.each([
    { level: 4, qos: 0 },
    { level: 4, qos: 1 },
    { level: 5, qos: 0 },
    { level: 5, qos: 2 },
  ] as const)("is a PUBLISH of level $level and QoS $qos once the payload follows", (shape) => {
    const head = encodePublishHead({ ...shape, retain: true, payloadSize: 300 }, "a/b");
    const packet = new Uint8Array(head.length + 300).fill(0x78);
    packet.set(head);
    if (shape.qos > 0) packet[head.length - publishIdBeforeEnd(shape.level) + 1] = 19;
    expect(parse(packet, shape.level)).toMatchObject({
      cmd: "publish",
      topic: "a/b",
      qos: shape.qos,
      retain: true,
      payload: Buffer.alloc(300, "x"),
      ...(shape.qos > 0 ? { messageId: 19 } : {}),
    });
  });
});

describe("encodeSubscribe", () => {
  it.each([3, 4, 5] as const)("is a SUBSCRIBE of level %i to one filter", (level) => {
    expect(parse(encodeSubscribe(level, "a/+", 2), level)).toMatchObject({
      cmd: "subscribe",
      messageId: 1,
      subscriptions: [{ topic: "a/+", qos: 2 }],
    });
  });
});

describe("writeAcknowledge", () => {
  it.each([
    [4, "puback"],
    [5, "pubrec"],
    [6, "pubrel"],
    [7, "pubcomp"],
  ] as const)("writes type %i as %s", (type, cmd) => {
    const target = new Uint8Array(4);
    writeAcknowledge(target, 0, type, 515);
    expect(parse(target)).toMatchObject({ cmd, messageId: 515 });
  });
});
