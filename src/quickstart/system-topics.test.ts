import { describe, expect, it } from "vitest";
import { WiredNode } from "../../tests/quickstart/wired-client.ts";
import { publishClientEvent, publishSystemTopics } from "./system-topics.ts";

describe("publishSystemTopics", () => {
  it("tells who subscribes, at once and later, about every node", async () => {
    const node = new WiredNode();
    const client = await node.connect("a");
    const facts = { version: "1.2.3", uptimeS: 77 };
    publishSystemTopics(node.broker, [node, { name: "other", counters: node.counters }], facts);
    await client.subscribe("$SYS/brokers/#");
    const packets = await client.all();
    const said = Object.fromEntries(
      packets.flatMap((packet) =>
        packet.cmd === "publish" ? [[packet.topic, packet.payload.toString()]] : [],
      ),
    );
    expect(said["$SYS/brokers"]).toBe("node1,other");
    expect(said["$SYS/brokers/node1/version"]).toBe("1.2.3");
    expect(said["$SYS/brokers/other/uptime"]).toBe("77");
    expect(said["$SYS/brokers/node1/stats/live_connections/count"]).toBe("1");
  });
});

describe("publishClientEvent", () => {
  const event = {
    kind: "connected",
    clientId: "a/+ b",
    protocolVersion: 5,
    listener: "127.0.0.1",
  } as const;

  it("says which node a client has come to", async () => {
    const node = new WiredNode();
    const watcher = await node.connect("watcher");
    await watcher.subscribe("$SYS/brokers/+/clients/+/connected");
    publishClientEvent(node.broker, "node2", event);
    const packet = await watcher.next();
    expect(packet).toMatchObject({
      topic: "$SYS/brokers/node2/clients/a%2F%2B%20b/connected",
      retain: false,
    });
    if (packet.cmd !== "publish") return;
    expect(JSON.parse(packet.payload.toString())).toMatchObject({
      clientid: "a/+ b",
      node: "node2",
    });
  });
});
