import { describe, expect, it } from "vitest";
import { settle, WiredNode } from "../../tests/quickstart/wired-client.ts";

const KIB = 1024;

describe("Client", () => {
  it("holds a bounded number of bytes for a client that does not read", async () => {
    const node = new WiredNode({ sendBufferMaxBytes: 64 * KIB });
    const reader = await node.connect("reader");
    await reader.subscribe("x");
    reader.pause();
    const publisher = await node.connect("publisher");
    for (let i = 0; i < 100; i++) {
      publisher.publish("x", "x".repeat(10 * KIB));
      await settle();
    }
    // What the stream in between holds comes on top of the limit.
    expect(node.counters.bytesSent).toBeLessThan(200 * KIB);
    expect(node.counters.messagesDropped).toBeGreaterThan(80);
    reader.resume();
    await reader.all();
    publisher.publish("x", "after");
    const got = await reader.all();
    expect(got.map((packet) => packet.cmd === "publish" && packet.payload.toString())).toEqual([
      "after",
    ]);
  });

  it("keeps QoS 1 for a client that does not read, and sends it when it does", async () => {
    const node = new WiredNode({ sendBufferMaxBytes: 16 * KIB });
    const reader = await node.connect("reader");
    await reader.subscribe("x", 1);
    reader.pause();
    const publisher = await node.connect("publisher");
    for (let i = 0; i < 100; i++) {
      publisher.publish("x", `${i} `.padEnd(4 * KIB, "x"), { qos: 1, messageId: i + 1 });
      await settle();
    }
    expect(node.broker.sessions.get("reader")!.queued).toBeGreaterThan(50);
    reader.resume();
    const numbers: string[] = [];
    while (numbers.length < 100) {
      const packet = await reader.next();
      if (packet.cmd !== "publish") continue;
      numbers.push(packet.payload.toString().split(" ")[0]!);
      reader.send({ cmd: "puback", messageId: packet.messageId! });
    }
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
    expect(node.counters.messagesDropped).toBe(0);
  });

  it("reads nothing more from a client that does not take its acknowledgements", async () => {
    const node = new WiredNode({ sendBufferMaxBytes: 1000 });
    const client = await node.connect("a");
    client.pause();
    for (let i = 0; i < 30_000; i++) client.publish("x", "", { qos: 1, messageId: 1 });
    await settle();
    const { messagesReceived } = node.counters;
    expect(messagesReceived).toBeLessThan(30_000);
    client.resume();
    while (node.counters.messagesReceived < 30_000) await settle();
    expect((await client.all()).length).toBeGreaterThan(messagesReceived);
  });

  it("sends a large payload from where it lies, whole", async () => {
    const node = new WiredNode();
    const client = await node.connect("a", { protocolVersion: 5 });
    await client.subscribe("x", 1);
    const text = "0123456789".repeat(50_000);
    client.publish("x", text, { qos: 1 });
    const got = (await client.all()).find(({ cmd }) => cmd === "publish");
    expect(got?.cmd === "publish" && got.payload.toString() === text).toBe(true);
  });

  it("publishes the will of a connection that breaks, once", async () => {
    const node = new WiredNode();
    const watcher = await node.connect("watcher");
    await watcher.subscribe("will");
    const client = await node.connect("a", { will: { topic: "will", payload: "gone" } });
    client.cut();
    expect(await watcher.all()).toHaveLength(1);
    expect(node.counters.live.count).toBe(1);
  });
});
