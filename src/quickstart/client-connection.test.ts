import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settle, WiredNode } from "../../tests/quickstart/wired-client.ts";
import { REASON } from "./reason.ts";

describe("ClientConnection", () => {
  it.each([
    ["PINGREQ", [0xc0, 0]],
    ["PUBLISH", [0x30, 3, 0, 1, 120]],
    ["AUTH", [0xf0, 0]],
    ["CONNECT with flags", [0x11, 0]],
    ["HTTP", [...Buffer.from("GET / HTTP/1.1\r\n\r\n")]],
    ["TLS", [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]],
  ])("ends unheard a connection that begins with %s", async (_, bytes) => {
    const node = new WiredNode();
    const client = node.open();
    client.sendBytes(Uint8Array.from([...bytes, ...new Array<number>(30).fill(0)]));
    await settle();
    expect(client.isClosed).toBe(true);
    expect(client.received).toEqual([]);
    expect(node.broker.sessions.count).toBe(0);
  });

  it("takes a CONNECT a byte at a time", async () => {
    const client = new WiredNode().open();
    for (const byte of [0x10, 13, 0, 4, 77, 81, 84, 84, 4, 2, 0, 0, 0, 1, 97]) {
      client.sendBytes([byte]);
      await settle();
    }
    expect(await client.next()).toMatchObject({ returnCode: 0 });
  });

  it("ends a connection without CONNECT at the deadline", async () => {
    const node = new WiredNode({ connectDeadlineMs: 1000 });
    const silent = node.open();
    const slow = node.open();
    slow.sendBytes([0x10, 13, 0, 4]);
    await settle();
    node.advance(1000);
    await settle();
    expect([silent.isClosed, slow.isClosed]).toEqual([false, false]);
    node.advance(1);
    await settle();
    expect([silent.isClosed, slow.isClosed]).toEqual([true, true]);
  });

  it("ends a connection after 1.5 keep alives of silence, and sends its will", async () => {
    const node = new WiredNode();
    const watcher = await node.connect("watcher");
    await watcher.subscribe("will");
    const will = { topic: "will", payload: Buffer.from("gone") };
    const client = await node.connect("a", { protocolVersion: 5, keepalive: 10, will });
    node.advance(15_000);
    client.send({ cmd: "pingreq" });
    expect(await client.next()).toMatchObject({ cmd: "pingresp" });
    node.advance(15_000);
    await settle();
    expect(client.isClosed).toBe(false);
    node.advance(1);
    expect(await client.next()).toMatchObject({ reasonCode: REASON.keepAliveTimeout });
    expect(await watcher.next()).toMatchObject({ topic: "will" });
  });

  it("never ends a connection for silence when keep alive is 0", async () => {
    const node = new WiredNode();
    const client = await node.connect("a", { keepalive: 0 });
    node.advance(1e9);
    await settle();
    expect(client.isClosed).toBe(false);
  });

  it.each([
    ["a second CONNECT [MQTT-3.1.0-2]", [0x10, 0], REASON.protocolError],
    ["AUTH without a method agreed on", [0xf0, 0], REASON.protocolError],
    ["a packet only servers send", [0x20, 2, 0, 0], REASON.protocolError],
    ["flags that must be zero", [0xc1, 0], REASON.malformedPacket],
    ["QoS 3", [0x36, 5, 0, 1, 120, 0, 1], REASON.malformedPacket],
    ["a length of five bytes", [0x30, 0x80, 0x80, 0x80, 0x80, 1], REASON.malformedPacket],
    ["a packet over the limit", [0x30, 0xff, 0xff, 0xff, 0x7f], REASON.packetTooLarge],
    ["a malformed SUBSCRIBE", [0x82, 3, 0, 1, 0], REASON.protocolError],
  ])("ends a connection that sends %s, and says why", async (_, bytes, reasonCode) => {
    const client = await new WiredNode().connect("a", { protocolVersion: 5 });
    client.sendBytes(Uint8Array.from(bytes));
    expect(await client.next()).toMatchObject({ cmd: "disconnect", reasonCode });
    await settle();
    expect(client.isClosed).toBe(true);
  });

  it("survives any bytes, before and after CONNECT, and leaves its neighbour alone", async () => {
    const node = new WiredNode();
    const neighbour = await node.connect("neighbour", { protocolVersion: 5 });
    await neighbour.subscribe("neighbour");
    const bytes = fc.uint8Array({ maxLength: 60 });
    const type = fc.integer({ min: 1, max: 15 });
    await fc.assert(
      fc.asyncProperty(bytes, type, fc.boolean(), fc.nat(15), async (body, kind, first, flags) => {
        const client = first ? node.open(5) : await node.connect("x", { protocolVersion: 5 });
        client.sendBytes(Uint8Array.from([(kind << 4) | flags, body.length, ...body]));
        await settle();
        client.cut();
      }),
      { numRuns: 500 },
    );
    await settle();
    neighbour.publish("neighbour", "fine");
    const got = await neighbour.all();
    expect(got.at(-1)).toMatchObject({ cmd: "publish", topic: "neighbour" });
    expect(node.counters.live.count).toBe(1);
  });

  it("stops after the packet that ended it", async () => {
    const node = new WiredNode();
    const watcher = await node.connect("watcher");
    await watcher.subscribe("x");
    const client = await node.connect("a");
    client.sendBytes([0xe0, 0, 0x30, 4, 0, 1, 120, 33]);
    await settle();
    expect(await watcher.all()).toEqual([]);
  });
});
