import { describe, expect, it } from "vitest";
import { WiredNode } from "../../../tests/quickstart/wired-client.ts";
import { REASON } from "../reason.ts";

const PLAIN = { nl: false, rap: false, rh: 0 };

function many(...topics: string[]) {
  const subscriptions = topics.map((topic, i) => ({ topic, qos: (i % 3) as 0 | 1 | 2, ...PLAIN }));
  return { cmd: "subscribe" as const, messageId: 40, subscriptions };
}

describe("onSubscribe", () => {
  it("grants or refuses each filter by itself", async () => {
    const node = new WiredNode();
    const five = await node.connect("five", { protocolVersion: 5 });
    five.send(many("a", "b/#/c", "c", "refused/filter"));
    expect(await five.next()).toMatchObject({
      cmd: "suback",
      messageId: 40,
      granted: [0, REASON.topicFilterInvalid, 2, REASON.unspecified],
    });
    const four = await node.connect("four");
    four.send(many("a", "b/#/c", "c", "refused/filter"));
    expect(await four.next()).toMatchObject({ granted: [0, 0x80, 2, 0x80] });
  });

  it("sends retained messages after the SUBACK, at the lower QoS", async () => {
    const node = new WiredNode();
    const client = await node.connect("a", { protocolVersion: 5 });
    client.publish("x", "kept", { qos: 2, retain: true });
    await client.all();
    client.send({ ...many("x", "y"), properties: { subscriptionIdentifier: 300 } });
    expect(await client.all()).toMatchObject([
      { cmd: "suback" },
      {
        cmd: "publish",
        topic: "x",
        retain: true,
        qos: 0,
        properties: { subscriptionIdentifier: 300 },
      },
    ]);
  });

  it("marks a live message as retained only where Retain As Published says so", async () => {
    const node = new WiredNode();
    const client = await node.connect("a", { protocolVersion: 5 });
    await client.subscribe("plain");
    await client.subscribe("as/published", 0, { rap: true });
    client.publish("plain", "x", { retain: true });
    client.publish("as/published", "x", { retain: true });
    const got = (await client.all()).map((packet) => packet.cmd === "publish" && packet.retain);
    expect(got).toEqual([false, true]);
  });

  it("ends a connection that wants No Local on a shared subscription [MQTT-3.8.3-4]", async () => {
    const node = new WiredNode();
    const client = await node.connect("a", { protocolVersion: 5 });
    const answer = await client.subscribe("$share/g/x", 0, { nl: true });
    expect(answer).toMatchObject({ cmd: "disconnect", reasonCode: REASON.protocolError });
  });

  it("delivers through one node what is published through another", async () => {
    const one = new WiredNode();
    const two = new WiredNode({}, one);
    const subscriber = await one.connect("a");
    await subscriber.subscribe("x/+");
    (await two.connect("b")).publish("x/y", "across");
    const packet = await subscriber.next();
    expect(packet.cmd === "publish" && packet.payload.toString()).toBe("across");
  });
});
