import { once } from "node:events";
import { createConnection } from "node:net";
import { connect, connectAsync } from "mqtt";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { Broker } from "./broker.ts";
import { type Limits, resolveLimits } from "./limits.ts";
import { BrokerNode } from "./node.ts";
import { Flusher } from "./outbox.ts";

async function start(limits: Partial<Limits> = {}): Promise<BrokerNode> {
  const broker = new Broker({ limits: resolveLimits(limits), refusedFilters: [] });
  const options = { name: "node1", host: "127.0.0.1", mqttPort: 0, wsPort: 0 };
  const node = new BrokerNode(options, { broker, flusher: new Flusher(), now: () => 0 });
  await node.listen();
  onTestFinished(() => node.close());
  return node;
}

async function answerTo(port: number, request: string): Promise<string> {
  const socket = createConnection(port, "127.0.0.1");
  let answer = "";
  socket.on("data", (bytes) => {
    answer += bytes.toString("latin1");
  });
  socket.write(request);
  await once(socket, "close");
  return answer.split("\r\n")[0]!;
}

function upgradeRequest(path: string, protocol: string): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    "Host: x",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    `Sec-WebSocket-Protocol: ${protocol}`,
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

describe("BrokerNode", () => {
  it("serves MQTT on one port and MQTT over WebSocket on the other", async () => {
    const node = await start();
    const urls = [`mqtt://127.0.0.1:${node.mqttPort}`, `ws://127.0.0.1:${node.wsPort}/mqtt`];
    const clients = await Promise.all(urls.map((url) => connectAsync(url)));
    expect([node.counters.live.count, node.counters.sessions.count]).toEqual([2, 2]);
    await Promise.all(clients.map((client) => client.endAsync()));
  });

  it("takes the WebSocket protocol's old name too [MQTT-6.0.0-3]", async () => {
    const node = await start();
    const socket = new WebSocket(`ws://127.0.0.1:${node.wsPort}/mqtt`, "mqttv3.1");
    await once(socket, "open");
    expect(socket.protocol).toBe("mqttv3.1");
    socket.close();
    await once(socket, "close");
  });

  it("refuses upgrades to another path or protocol, and plain requests", async () => {
    const { wsPort } = await start();
    expect(await answerTo(wsPort, upgradeRequest("/chat", "mqtt"))).toBe("HTTP/1.1 404 Not Found");
    expect(await answerTo(wsPort, upgradeRequest("/mqtt", "chat"))).toBe(
      "HTTP/1.1 400 Bad Request",
    );
    expect(await answerTo(wsPort, "GET /mqtt HTTP/1.1\r\nHost: x\r\n\r\n")).toBe(
      "HTTP/1.1 426 Upgrade Required",
    );
  });

  it("closes a WebSocket that sends text [MQTT-6.0.0-1]", async () => {
    const node = await start();
    const socket = new WebSocket(`ws://127.0.0.1:${node.wsPort}/mqtt`, "mqtt");
    await once(socket, "open");
    socket.send("text");
    await once(socket, "close");
    await expect.poll(() => node.counters.live.count).toBe(0);
  });

  it("closes one connection more than there may be", async () => {
    const node = await start({ connectionsMax: 1 });
    const url = `mqtt://127.0.0.1:${node.mqttPort}`;
    const client = await connectAsync(url);
    const extra = createConnection(node.mqttPort, "127.0.0.1");
    extra.on("error", () => {}); // a reset is as good
    await once(extra, "close");
    await client.endAsync();
  });

  it("says why it cannot listen", async () => {
    const node = await start();
    const broker = new Broker({ limits: resolveLimits(), refusedFilters: [] });
    const options = { name: "x", host: "127.0.0.1", mqttPort: node.mqttPort, wsPort: 0 };
    const second = new BrokerNode(options, { broker, flusher: new Flusher(), now: () => 0 });
    onTestFinished(() => second.close());
    await expect(second.listen()).rejects.toThrow(
      `Cannot bind x: address 127.0.0.1:${node.mqttPort} is in use`,
    );
  });
});

describe("a request that is never whole", () => {
  it("is closed at the connect deadline", async () => {
    const { wsPort } = await start({ connectDeadlineMs: 100 });
    expect(await answerTo(wsPort, "GET /mqtt HTTP/1.1\r\nHost: x\r\n")).toMatch(/408|^$/);
  });
});

describe("a session that subscribes to $SYS", () => {
  it("gets its CONNACK before the event of its own connection", async () => {
    const node = await start();
    const options = { clientId: "a", clean: false, reconnectPeriod: 0 };
    const url = `mqtt://127.0.0.1:${node.mqttPort}`;
    const first = await connectAsync(url, options);
    await first.subscribeAsync("$SYS/brokers/#");
    await first.endAsync();
    const second = connect(url, options);
    const order: string[] = [];
    second.on("packetreceive", ({ cmd }) => order.push(cmd));
    await expect.poll(() => order).toEqual(["connack", "publish"]);
    await second.endAsync();
  });
});
