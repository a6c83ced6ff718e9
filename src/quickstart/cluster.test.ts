import { connectAsync } from "mqtt";
import { describe, expect, it, onTestFinished } from "vitest";
import { Cluster, type ClusterOptions } from "./cluster.ts";

async function start(options: ClusterOptions = {}) {
  const cluster = new Cluster({ mqttPort: 0, wsPort: 0, ...options }, "9.9.9");
  onTestFinished(() => cluster.close());
  return { cluster, nodes: await cluster.listen() };
}

describe("Cluster", () => {
  it("opens two ports for each node", async () => {
    const { nodes } = await start({ nodes: 2 });
    expect(nodes.map(({ name }) => name)).toEqual(["node1", "node2"]);
    expect(new Set(nodes.flatMap(({ mqttPort, wsPort }) => [mqttPort, wsPort])).size).toBe(4);
  });

  it("counts clients where they are, and what all nodes share everywhere", async () => {
    const { cluster, nodes } = await start();
    const ports = [0, 0, 1, 2].map((i) => nodes[i]!.mqttPort);
    const clients = await Promise.all(
      ports.map((port) => connectAsync(`mqtt://127.0.0.1:${port}`)),
    );
    await clients[0]!.publishAsync("x", "kept", { retain: true, qos: 1 });
    await clients[3]!.subscribeAsync("x");
    const of = (name: string) => cluster.stats().map(({ stats }) => stats[name]);
    expect(of("connections.count")).toEqual([2, 1, 1]);
    expect(of("live_connections.count")).toEqual([2, 1, 1]);
    expect(of("retained.count")).toEqual([1, 1, 1]);
    expect(of("topics.count")).toEqual([1, 1, 1]);
    expect(of("subscriptions.count")).toEqual([0, 0, 1]);
    await Promise.all(clients.map((client) => client.endAsync()));
  });

  it("opens no port when one cannot be had", async () => {
    const { nodes } = await start({ nodes: 1 });
    const taken = new Cluster({ nodes: 1, mqttPort: nodes[0]!.mqttPort, wsPort: 0 }, "9.9.9");
    await expect(taken.listen()).rejects.toThrow(
      `Cannot bind node1: address 127.0.0.1:${nodes[0]!.mqttPort} is in use`,
    );
  });
});
