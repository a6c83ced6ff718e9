import { describe, expect, it } from "vitest";
import { settle, type WiredClient, WiredNode } from "../../../tests/quickstart/wired-client.ts";
import type { Limits } from "../limits.ts";
import { REASON } from "../reason.ts";

async function start(limits: Partial<Limits> = {}, properties = {}) {
  const node = new WiredNode(limits);
  const publisher = await node.connect("publisher", { protocolVersion: 5 });
  const subscriber = await node.connect("subscriber", { protocolVersion: 5, properties });
  await subscriber.subscribe("#", 2);
  return { node, publisher, subscriber };
}

async function reasonOfEnd(client: WiredClient): Promise<number | undefined> {
  const packets = await client.all();
  expect(client.isClosed).toBe(true);
  const last = packets.at(-1);
  return last?.cmd === "disconnect" ? last.reasonCode : undefined;
}

describe("onPublish", () => {
  it("delivers each QoS and acknowledges it as it should be", async () => {
    const { publisher, subscriber } = await start();
    publisher.publish("x", "zero");
    publisher.publish("x", "one", { qos: 1, messageId: 11 });
    publisher.publish("x", "two", { qos: 2, messageId: 12 });
    const acks = await publisher.all();
    expect(acks).toMatchObject([
      { cmd: "puback", messageId: 11, reasonCode: 0 },
      { cmd: "pubrec", messageId: 12, reasonCode: 0 },
    ]);
    publisher.send({ cmd: "pubrel", messageId: 12 });
    expect(await publisher.next()).toMatchObject({ cmd: "pubcomp", messageId: 12 });
    const got = await subscriber.all();
    expect(got.map((packet) => packet.cmd === "publish" && packet.qos)).toEqual([0, 1, 2]);
  });

  it("delivers a QoS 2 message once, however often it comes before its PUBREL", async () => {
    const { publisher, subscriber } = await start();
    for (const dup of [false, true, true]) publisher.publish("x", "once", { qos: 2, dup });
    expect(await publisher.all()).toHaveLength(3);
    expect(await subscriber.all()).toHaveLength(1);
    publisher.send({ cmd: "pubrel", messageId: 1 });
    publisher.publish("x", "again", { qos: 2 });
    expect(await subscriber.all()).toHaveLength(1);
  });

  it("ends a connection that has more QoS 2 messages open than it may", async () => {
    const { publisher } = await start({ receiveMax: 2 });
    for (const messageId of [1, 2, 3]) publisher.publish("x", "x", { qos: 2, messageId });
    expect(await reasonOfEnd(publisher)).toBe(REASON.receiveMaximumExceeded);
  });

  it("resolves topic aliases, and lets a topic be given a new one", async () => {
    const { publisher, subscriber } = await start();
    const properties = { topicAlias: 1 };
    publisher.publish("first", "a", { properties });
    publisher.publish("", "b", { properties });
    publisher.publish("second", "c", { properties });
    publisher.publish("", "d", { properties });
    const topics = (await subscriber.all()).map((p) => p.cmd === "publish" && p.topic);
    expect(topics).toEqual(["first", "first", "second", "second"]);
  });

  it.each([
    ["alias 0", "x", { topicAlias: 0 }, REASON.topicAliasInvalid],
    ["an alias over the maximum", "x", { topicAlias: 33 }, REASON.topicAliasInvalid],
    ["an alias that was never set", "", { topicAlias: 5 }, REASON.topicAliasInvalid],
    ["neither topic nor alias", "", {}, REASON.protocolError],
    ["a wildcard", "a/+", {}, REASON.topicNameInvalid],
  ])("ends a connection that publishes with %s", async (_, topic, properties, reason) => {
    const { publisher } = await start();
    publisher.publish(topic, "x", { properties });
    expect(await reasonOfEnd(publisher)).toBe(reason);
  });

  it("lets nobody publish below $SYS, and says so where there is an acknowledgement", async () => {
    const { node, publisher, subscriber } = await start();
    await subscriber.subscribe("$SYS/#");
    publisher.publish("$SYS/x", "zero");
    publisher.publish("$SYS/x", "one", { qos: 1, messageId: 1 });
    publisher.publish("$SYS/x", "two", { qos: 2, messageId: 2 });
    expect(await publisher.all()).toMatchObject([
      { cmd: "puback", reasonCode: REASON.notAuthorized },
      { cmd: "pubrec", reasonCode: REASON.notAuthorized },
    ]);
    expect(await subscriber.all()).toEqual([]);
    const old = await node.connect("old");
    old.publish("$SYS/x", "two", { qos: 2, messageId: 3 });
    expect(await old.next()).toMatchObject({ cmd: "pubrec", messageId: 3 });
    old.send({ cmd: "pubrel", messageId: 3 });
    expect(await old.next()).toMatchObject({ cmd: "pubcomp", messageId: 3 });
  });

  it("passes properties on, and takes the time a message waited off its expiry", async () => {
    const { node, publisher } = await start();
    const properties = { sessionExpiryInterval: 100 };
    const options = { protocolVersion: 5, properties } as const;
    const first = await node.connect("away", options);
    await first.subscribe("y", 1);
    first.cut();
    await settle();
    const sent = {
      payloadFormatIndicator: true,
      contentType: "text/plain",
      responseTopic: "answer",
      correlationData: Buffer.from([0, 1, 2]),
      userProperties: { b: ["1", "2"], a: "3" },
    };
    publisher.publish("y", "hello", { qos: 1, properties: { ...sent, messageExpiryInterval: 60 } });
    publisher.publish("y", "short", { qos: 1, properties: { messageExpiryInterval: 10 } });
    await settle();
    node.advance(20_000);
    const second = await node.connect("away", { ...options, clean: false });
    const got = await second.all();
    expect(got).toHaveLength(1);
    expect(got[0]).toMatchObject({
      cmd: "publish",
      properties: { ...sent, messageExpiryInterval: 40 },
    });
  });

  it("uses the aliases a subscriber allows: the topic once, then the number", async () => {
    const { publisher, subscriber } = await start({}, { topicAliasMaximum: 1 });
    for (const topic of ["x", "x", "y", "x"]) publisher.publish(topic, "p");
    const got = (await subscriber.all()).map((packet) =>
      packet.cmd === "publish" ? [packet.topic, packet.properties?.topicAlias ?? 0] : [],
    );
    expect(got).toEqual([
      ["x", 1],
      ["", 1],
      ["y", 0],
      ["", 1],
    ]);
  });

  it("sends a client no packet larger than it takes", async () => {
    const { node, publisher, subscriber } = await start({}, { maximumPacketSize: 60 });
    publisher.publish("x", "x".repeat(100), { qos: 1 });
    publisher.publish("x", "fits", { qos: 1 });
    const got = await subscriber.all();
    expect(got.map((packet) => packet.cmd === "publish" && packet.payload.toString())).toEqual([
      "fits",
    ]);
    expect(node.counters.messagesDropped).toBe(1);
  });
});
