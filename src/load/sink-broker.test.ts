import { once } from "node:events";
import { createConnection } from "node:net";
import { connect, type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LoadUnderTest } from "../../tests/fixtures/load-under-test.ts";

let load: LoadUnderTest;
const clients: MqttClient[] = [];
let turning: Promise<void>;
let done = false;

beforeEach(() => {
  done = false;
  load = new LoadUnderTest({ connectionCount: 0 });
  turning = load.until(() => done, Number.POSITIVE_INFINITY);
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true);
  done = true;
  await turning;
  load.end();
});

async function open(protocolVersion: 3 | 4 | 5): Promise<MqttClient> {
  const protocolId = protocolVersion === 3 ? "MQIsdp" : "MQTT";
  const options = { protocolVersion, protocolId, reconnectPeriod: 0 } as const;
  const client = connect(`mqtt://127.0.0.1:${load.port}`, options);
  clients.push(client);
  await new Promise<void>((ready) => client.once("connect", () => ready()));
  return client;
}

describe("SinkBroker", () => {
  it.each([3, 4, 5] as const)("is a broker to another's client of level %i", async (level) => {
    const client = await open(level);
    for (const qos of [0, 1, 2] as const)
      await client.publishAsync("a/b", "x".repeat(500), { qos });
    await client.subscribeAsync("a/#", { qos: 1 });
    await client.unsubscribeAsync("a/#");
    const pong = new Promise((heard) => client.once("packetreceive", ({ cmd }) => heard(cmd)));
    client.sendPing();
    expect(await pong).toBe("pingresp");
    expect([load.count("sinkReceived"), load.count("sinkConnected")]).toEqual([3, 1]);
  });

  it("answers any number of messages that come at once", async () => {
    const client = await open(4);
    const all = Array.from({ length: 2000 }, () => client.publishAsync("t", "", { qos: 1 }));
    await Promise.all(all);
    expect(load.count("sinkReceived")).toBe(2000);
  });

  it("closes on what is not MQTT and takes the next client", async () => {
    const socket = createConnection({ host: "127.0.0.1", port: load.port });
    socket.end(Uint8Array.of(0, 0, 0));
    await once(socket.resume(), "close");
    await open(4);
  });

  it("has no more clients than it has room for", async () => {
    const { port } = load;
    const sockets = Array.from({ length: 60 }, () => createConnection({ host: "127.0.0.1", port }));
    const closed = await Promise.all(
      sockets.slice(50).map((socket) => once(socket.resume(), "close")),
    );
    expect(closed).toHaveLength(10);
    for (const socket of sockets) socket.destroy();
  });
});
