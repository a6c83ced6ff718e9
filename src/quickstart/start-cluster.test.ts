import { describe, expect, it, onTestFinished } from "vitest";
import { NodeBindError } from "./node-bind-error.ts";
import { type StartOptions, startCluster } from "./start-cluster.ts";

async function start(options: StartOptions = {}) {
  const cluster = await startCluster({ mqttPort: 0, wsPort: 0, ...options });
  onTestFinished(() => cluster.stop());
  return cluster;
}

describe("startCluster", () => {
  it("resolves when all nodes listen, and answers with their counters", async () => {
    const cluster = await start({ nodes: 2 });
    expect(cluster.nodes).toHaveLength(2);
    const stats = await cluster.stats();
    expect(stats.map(({ name }) => name)).toEqual(["node1", "node2"]);
    expect(stats[0]!.stats["connections.count"]).toBe(0);
  });

  it("rejects with the reason when a port cannot be had", async () => {
    const { nodes } = await start({ nodes: 1 });
    const again = startCluster({ nodes: 1, mqttPort: nodes[0]!.mqttPort, wsPort: 0 });
    const error = await again.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NodeBindError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^Cannot bind node1: .* is in use$/),
      code: "EADDRINUSE",
      port: nodes[0]!.mqttPort,
    });
  });

  it("reports a cluster that died, once, and none that was stopped", async () => {
    const reasons: string[] = [];
    const killed = await start({ nodes: 1, onExit: (reason) => reasons.push(reason) });
    process.kill(killed.pid, "SIGKILL");
    await expect.poll(() => reasons).toEqual(["signal SIGKILL"]);
    await expect(killed.stats()).rejects.toThrow("its process is gone");
    const stopped = await start({ nodes: 1, onExit: (reason) => reasons.push(reason) });
    await stopped.stop();
    await stopped.stop();
    expect(reasons).toEqual(["signal SIGKILL"]);
  });
});
