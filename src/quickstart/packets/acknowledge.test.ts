import { describe, expect, it } from "vitest";
import { settle, WiredNode } from "../../../tests/quickstart/wired-client.ts";
import { REASON } from "../reason.ts";

async function start(version: 4 | 5 = 5, properties = {}) {
  const node = new WiredNode();
  const options = version === 5 ? { protocolVersion: version, properties } : {};
  const client = await node.connect("a", options);
  await client.subscribe("x", 2);
  return { node, client, session: node.broker.sessions.get("a")! };
}

describe("onAcknowledge", () => {
  it("frees the window for what waits", async () => {
    const { client, session } = await start(5, { receiveMaximum: 1 });
    client.publish("x", "first", { qos: 1, messageId: 5 });
    client.publish("x", "second", { qos: 1, messageId: 6 });
    expect((await client.all()).filter(({ cmd }) => cmd === "publish")).toHaveLength(1);
    client.send({ cmd: "puback", messageId: 1 });
    expect(await client.next()).toMatchObject({ cmd: "publish", messageId: 2 });
    expect(session.inflight).toBe(1);
  });

  it("walks through the four steps of QoS 2", async () => {
    const { client, session } = await start();
    client.publish("x", "two", { qos: 2, messageId: 9 });
    await client.all();
    client.send({ cmd: "pubrec", messageId: 1 });
    expect(await client.next()).toMatchObject({ cmd: "pubrel", messageId: 1, reasonCode: 0 });
    client.send({ cmd: "pubcomp", messageId: 1 });
    await settle();
    expect(session.inflight).toBe(0);
  });

  it("ends the exchange when PUBREC refuses", async () => {
    const { client, session } = await start();
    client.publish("x", "two", { qos: 2, messageId: 9 });
    await client.all();
    client.send({ cmd: "pubrec", messageId: 1, reasonCode: REASON.quotaExceeded });
    expect(await client.all()).toEqual([]);
    expect(session.inflight).toBe(0);
  });

  it("tells a 5.0 client that an id is not known, and answers 3.1.1 as if it were", async () => {
    for (const version of [4, 5] as const) {
      const { client } = await start(version);
      client.send({ cmd: "pubrec", messageId: 77 });
      client.send({ cmd: "pubrel", messageId: 78 });
      const reasonCode = REASON.packetIdentifierNotFound;
      const reason = version === 5 ? { reasonCode } : {};
      expect(await client.all()).toMatchObject([
        { cmd: "pubrel", messageId: 77, ...reason },
        { cmd: "pubcomp", messageId: 78, ...reason },
      ]);
    }
  });

  it("takes an acknowledgement of nothing calmly", async () => {
    const { client } = await start();
    client.send({ cmd: "puback", messageId: 500 });
    client.send({ cmd: "pubcomp", messageId: 500 });
    client.send({ cmd: "pingreq" });
    expect(await client.next()).toMatchObject({ cmd: "pingresp" });
  });

  it("ends a connection whose acknowledgement is malformed", async () => {
    const { client } = await start();
    client.sendBytes([0x40, 2, 0, 0]);
    expect(await client.next()).toMatchObject({ cmd: "disconnect", reasonCode: 0x82 });
  });
});
