import type { IPublishPacket, Packet } from "mqtt-packet";
import { afterEach, describe, expect, it } from "vitest";
import { LoadUnderTest } from "../../tests/fixtures/load-under-test.ts";
import { ACCEPT, type Script, ScriptedBroker } from "../../tests/fixtures/scripted-broker.ts";
import { encodeText } from "../bytes/utf8.ts";
import type { LoadOrder } from "./load-order.ts";

let load: LoadUnderTest;
let broker: ScriptedBroker | null = null;

afterEach(() => {
  broker?.close();
  load.end();
  broker = null;
});

async function publishTo(script: Script, wishes: Partial<LoadOrder>): Promise<ScriptedBroker> {
  broker = await ScriptedBroker.start((packet, connection) =>
    packet.cmd === "connect" ? [ACCEPT] : script(packet, connection),
  );
  load = new LoadUnderTest({ kind: "pub", ...wishes }, broker.port);
  return broker;
}

async function begin(connectionCount = 1): Promise<void> {
  await load.until(() => load.count("up") === connectionCount);
  load.go();
}

const acknowledge: Script = (packet) => {
  const { cmd, messageId } = packet;
  if (cmd === "publish" && packet.qos === 1) return [{ cmd: "puback", messageId: messageId! }];
  if (cmd === "publish" && packet.qos === 2) return [{ cmd: "pubrec", messageId: messageId! }];
  return cmd === "pubrel" ? [{ cmd: "pubcomp", messageId: messageId! }] : [];
};

const topics = (packets: readonly Packet[]) =>
  new Set(packets.map((packet) => (packet as IPublishPacket).topic));

describe("Publisher", () => {
  it.each([0, 1, 2] as const)("publishes up to the limit with QoS %i, as ordered", async (qos) => {
    const payload = encodeText("some payload");
    const wishes = { qos, payload, connectionCount: 2, messagesMax: 20, inFlightMax: 3 };
    const server = await publishTo(acknowledge, { topic: "t/%i", ...wishes });
    await begin(2);
    await load.until(() => load.steering.doneCount === 1 && server.of("publish").length === 20);
    expect(topics(server.of("publish"))).toEqual(new Set(["t/1", "t/2"]));
    for (const packet of server.of("publish")) {
      expect(packet).toMatchObject({ qos, retain: false, payload: Buffer.from(payload) });
    }
    expect([load.count("published"), load.failures]).toEqual([20, []]);
    expect(load.count("acknowledged")).toBe(qos === 0 ? 0 : 20);
    expect(server.of("pubrel")).toHaveLength(qos === 2 ? 20 : 0);
  });

  it("publishes nothing before it is told to", async () => {
    load = new LoadUnderTest({ kind: "pub" });
    await load.until(() => load.count("up") === 1);
    await load.turns(20);
    expect(load.count("published")).toBe(0);
  });

  it("has no more in flight than it may, with identifiers that differ", async () => {
    const server = await publishTo(() => [], { qos: 1, inFlightMax: 3 });
    await begin();
    await load.until(() => server.of("publish").length === 3);
    await load.turns(20);
    const ids = server.of("publish").map(({ messageId }) => messageId);
    expect(ids).toEqual([1, 2, 3]);
    server.send({ cmd: "puback", messageId: 2 });
    await load.until(() => server.of("publish").length === 4);
    expect(server.of("publish").at(-1)?.messageId).toBe(2);
  });

  it("takes no acknowledgement of what it did not send", async () => {
    const server = await publishTo(() => [], { qos: 1, inFlightMax: 2 });
    await begin();
    await load.until(() => server.of("publish").length === 2);
    for (const messageId of [3, 700, 65_535]) server.send({ cmd: "puback", messageId });
    await load.until(() => load.failures.includes("not the MQTT that was asked for: type 4: 3"));
    expect([load.count("acknowledged"), load.failures.length]).toEqual([0, 1]);
  });

  it("keeps the interval of each connection, spread over it", async () => {
    load = new LoadUnderTest({ kind: "pub", connectionCount: 4, messageIntervalMs: 400_000 });
    await begin(4);
    await load.until(() => load.count("published") === 1);
    for (let message = 2; message <= 12; message++) {
      load.skippedMs += 100_000;
      await load.until(() => load.count("published") === message);
      await load.turns(3);
      expect(load.count("published")).toBe(message);
    }
  });

  it("counts a message that it could not send in time from when it was due", async () => {
    const wishes = { qos: 1, inFlightMax: 1, messageIntervalMs: 1_000 } as const;
    const server = await publishTo(() => [], wishes);
    await begin();
    await load.until(() => server.of("publish").length === 1);
    load.skippedMs = 5_500;
    await load.until(() => load.count("held") >= 5);
    server.send({ cmd: "puback", messageId: 1 });
    await load.until(() => server.of("publish").length === 2);
    server.send({ cmd: "puback", messageId: 1 });
    await load.until(() => load.count("acknowledged") === 2);
    // The first waited 5.5 s for its answer, the second 4.5 s for its turn.
    const { ackTimes } = load.tally;
    const slow = ackTimes.findIndex((count) => count > 0);
    expect(slow).toBeGreaterThan(1_000);
    expect(ackTimes.reduce((a, b) => a + b)).toBe(2);
  });

  it("lets only the active ones publish", async () => {
    const wishes = { connectionCount: 4, activeCount: 2, messagesMax: 10 };
    const server = await publishTo(() => [], { topic: "t/%i", ...wishes });
    await begin(4);
    await load.until(() => server.of("publish").length === 10);
    expect(topics(server.of("publish"))).toEqual(new Set(["t/1", "t/2"]));
  });

  it("goes on after a connection was lost with messages in flight", async () => {
    const drop: Script = (packet, connection) =>
      connection === 0 ? null : acknowledge(packet, connection);
    const wishes = { qos: 1, inFlightMax: 2, messagesMax: 30, reconnectMs: 1 } as const;
    await publishTo(drop, wishes);
    await begin();
    await load.until(() => load.steering.doneCount === 1);
    expect(load.count("acknowledged")).toBeGreaterThanOrEqual(28);
  });

  it("sends messages that are larger than what the kernel takes at once", async () => {
    const payload = new Uint8Array(3_000_000).fill(7);
    load = new LoadUnderTest({ kind: "pub", payload, connectionCount: 3, messagesMax: 30 });
    await begin(3);
    await load.until(() => load.count("sinkReceived") === 30);
    expect(load.failures).toEqual([]);
  });
});
