import { describe, expect, it } from "vitest";
import { settle, WiredNode } from "../../../tests/quickstart/wired-client.ts";
import { REASON } from "../reason.ts";

const FIVE = { protocolVersion: 5 } as const;

describe("onConnect", () => {
  it.each([3, 4] as const)("accepts level %i", async (protocolVersion) => {
    const node = new WiredNode();
    const client = await node.connect("a", { protocolVersion });
    expect(client.connack).toMatchObject({ cmd: "connack", returnCode: 0, sessionPresent: false });
    expect(node.counters.live.count).toBe(1);
  });

  it("tells a 5.0 client the limits, and which node it has come to", async () => {
    const node = new WiredNode({ receiveMax: 9, packetSizeMaxBytes: 5000, topicAliasMax: 4 });
    const client = await node.connect("a", FIVE);
    expect(client.connack).toMatchObject({
      reasonCode: 0,
      properties: {
        receiveMaximum: 9,
        maximumPacketSize: 5000,
        topicAliasMaximum: 4,
        userProperties: { node: "node1" },
      },
    });
    const properties = client.connack?.cmd === "connack" ? client.connack.properties : {};
    expect(properties).not.toHaveProperty("serverKeepAlive");
    expect(properties).not.toHaveProperty("sessionExpiryInterval");
    expect(properties).not.toHaveProperty("assignedClientIdentifier");
  });

  it("lowers keep alive and session expiry to their maximum, and says so", async () => {
    const node = new WiredNode({ keepAliveMaxS: 60, sessionExpiryMaxS: 100 });
    const properties = { sessionExpiryInterval: 4_294_967_295 };
    const client = await node.connect("a", { ...FIVE, keepalive: 120, properties });
    expect(client.connack).toMatchObject({
      properties: { serverKeepAlive: 60, sessionExpiryInterval: 100 },
    });
  });

  it("leaves the user property off a CONNACK that would be too large for the client", async () => {
    const node = new WiredNode();
    const client = await node.connect("a", { ...FIVE, properties: { maximumPacketSize: 20 } });
    const properties = client.connack?.cmd === "connack" ? client.connack.properties : {};
    expect(properties).toHaveProperty("receiveMaximum");
    expect(properties).not.toHaveProperty("userProperties");
  });

  it("closes rather than sending a packet larger than the client takes", async () => {
    const node = new WiredNode();
    const client = node.open(5);
    client.sendBytes([
      ...[0x10, 18, 0, 4, 77, 81, 84, 84, 5, 2, 0, 0],
      ...[5, 0x27, 0, 0, 0, 3],
      ...[0, 0],
    ]);
    await settle();
    expect([client.received, client.isClosed]).toEqual([[], true]);
    expect([node.counters.live.count, node.broker.sessions.count]).toEqual([0, 0]);
  });

  it("assigns an id to a 5.0 client without one", async () => {
    const node = new WiredNode();
    const one = node.open(5);
    // Clean Start 0; mqtt-packet does not make such a packet.
    one.sendBytes([0x10, 13, 0, 4, 77, 81, 84, 84, 5, 0, 0, 0, 0, 0, 0]);
    const answers = [await one.next(), (await node.connect("", FIVE)).connack];
    const ids = answers.map((answer) =>
      answer?.cmd === "connack" ? answer.properties?.assignedClientIdentifier : undefined,
    );
    expect(ids[0]).toMatch(/^fairlead-/);
    expect(ids[1]).not.toBe(ids[0]);
    expect(node.broker.sessions.count).toBe(2);
  });

  it("lets 3.1.1 have an empty id with a clean session only, and 3.1 not at all", async () => {
    const node = new WiredNode();
    expect((await node.connect("")).connack).toMatchObject({ returnCode: 0 });
    const kept = node.open();
    // mqtt-packet does not make such a packet.
    kept.sendBytes([0x10, 12, 0, 4, 77, 81, 84, 84, 4, 0, 0, 0, 0, 0]);
    expect(await kept.next()).toMatchObject({ returnCode: 2 });
    const old = node.open();
    old.sendBytes([0x10, 14, 0, 6, 77, 81, 73, 115, 100, 112, 3, 2, 0, 0, 0, 0]);
    expect(await old.next()).toMatchObject({ returnCode: 2 });
    await settle();
    expect([kept.isClosed, old.isClosed]).toEqual([true, true]);
  });

  it("answers an unknown level with return code 1 [MQTT-3.1.2-2]", async () => {
    const client = new WiredNode().open();
    client.sendBytes([0x10, 13, 0, 4, 77, 81, 84, 84, 6, 2, 0, 0, 0, 1, 97]);
    expect(await client.next()).toMatchObject({ returnCode: 1 });
    await settle();
    expect(client.isClosed).toBe(true);
  });

  it.each([
    [
      "an authentication method",
      { properties: { authenticationMethod: "SCRAM" } },
      REASON.badAuthenticationMethod,
    ],
    [
      "a will with a wildcard",
      { will: { topic: "a/+", payload: Buffer.from("x") } },
      REASON.topicNameInvalid,
    ],
    [
      "a will about the cluster itself",
      { will: { topic: "$SYS/x", payload: Buffer.from("x") } },
      REASON.notAuthorized,
    ],
    ["an id over the limit", { clientId: "x".repeat(50) }, REASON.clientIdentifierNotValid],
  ])("refuses %s and tells a 5.0 client why", async (_, options, reasonCode) => {
    const node = new WiredNode({ clientIdMaxBytes: 40 });
    const client = await node.connect("a", { ...FIVE, ...options });
    expect(client.connack).toMatchObject({ cmd: "connack", reasonCode });
    await settle();
    expect(client.isClosed).toBe(true);
    expect(node.broker.sessions.count).toBe(0);
  });

  it("tells a 5.0 client that its CONNECT is malformed, and just closes for 3.1.1", async () => {
    const node = new WiredNode();
    const client = node.open();
    client.sendBytes([0x10, 13, 0, 4, 77, 81, 84, 84, 4, 3, 0, 0, 0, 1, 97]);
    await settle();
    expect([client.received, client.isClosed]).toEqual([[], true]);
  });

  it("refuses one session more than there may be", async () => {
    const node = new WiredNode({ sessionsMax: 1 });
    await node.connect("a");
    expect((await node.connect("b")).connack).toMatchObject({ returnCode: 3 });
    const five = await node.connect("c", FIVE);
    expect(five.connack).toMatchObject({ reasonCode: REASON.quotaExceeded });
  });

  it("keeps a 3.1.1 session that is not clean, until one starts clean", async () => {
    const node = new WiredNode();
    const present: boolean[] = [];
    for (const clean of [false, false, true, false]) {
      const client = await node.connect("a", { clean });
      if (client.connack?.cmd === "connack") present.push(client.connack.sessionPresent);
      client.cut();
      await settle();
    }
    expect(present).toEqual([false, true, false, false]);
  });

  it("takes a session over on another node and tells the old client [MQTT-3.1.4-3]", async () => {
    const one = new WiredNode();
    const two = new WiredNode({}, one);
    const properties = { sessionExpiryInterval: 60 };
    const old = await one.connect("a", { ...FIVE, properties });
    await old.subscribe("x", 1);
    const fresh = await two.connect("a", { ...FIVE, properties, clean: false });
    expect(fresh.connack).toMatchObject({ sessionPresent: true });
    expect(await old.next()).toMatchObject({ cmd: "disconnect", reasonCode: 0x8e });
    await settle();
    expect(old.isClosed).toBe(true);
    expect([one.counters.live.count, two.counters.live.count]).toEqual([0, 1]);
    expect([one.counters.sessions.count, two.counters.sessions.count]).toEqual([0, 1]);
    fresh.publish("x", "still here");
    expect(await fresh.next()).toMatchObject({ cmd: "publish", topic: "x" });
  });

  it("passes a will's properties on, in their order", async () => {
    const node = new WiredNode();
    const watcher = await node.connect("watcher", FIVE);
    await watcher.subscribe("will");
    const properties = {
      contentType: "text/plain",
      messageExpiryInterval: 60,
      willDelayInterval: 0,
      userProperties: { b: "1", a: "2" },
    };
    const will = { topic: "will", payload: Buffer.from("gone"), qos: 1 as const, properties };
    (await node.connect("a", { ...FIVE, will })).cut();
    const packet = await watcher.next();
    expect(packet).toMatchObject({
      topic: "will",
      properties: {
        contentType: "text/plain",
        messageExpiryInterval: 60,
        userProperties: { b: "1", a: "2" },
      },
    });
    expect(packet.cmd === "publish" && packet.payload.toString()).toBe("gone");
  });
});
