import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import type { StartOptions } from "../quickstart/start-cluster.ts";
import { EmbeddedCluster, type StartCluster } from "./embedded-cluster.ts";

const asked: StartOptions[] = [];
const stopped: number[] = [];
let failures = 0;

const start: StartCluster = async (options = {}) => {
  asked.push(options);
  if (failures-- > 0) throw new Error("Cannot listen yet");
  const pid = asked.length;
  return {
    pid,
    nodes: [{ name: "node1", host: "127.0.0.1", mqttPort: 1, wsPort: 2 }],
    stats: async () => [{ name: `process ${pid}`, stats: {} }],
    stop: async () => {
      stopped.push(pid);
    },
  };
};

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  stopped.length = 0;
  failures = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

async function startCluster() {
  const { logger, lines } = makeMemoryLogger();
  const ports = { nodes: 3, mqttPort: 11_883, wsPort: 18_083 };
  return { cluster: await EmbeddedCluster.start({ ...ports, logger }, start), lines, ports };
}

function die(): void {
  asked.at(-1)?.onExit?.("signal SIGKILL");
}

describe("EmbeddedCluster", () => {
  it("replaces a process that died, on the same ports, and says both", async () => {
    const { cluster, lines, ports } = await startCluster();
    die();
    expect(cluster.pid).toBeNull();
    await expect(cluster.stats()).rejects.toThrow("is being replaced");
    await vi.advanceTimersByTimeAsync(100);
    expect(cluster.pid).toBe(2);
    expect(asked[1]).toMatchObject(ports);
    expect(await cluster.stats()).toEqual([{ name: "process 2", stats: {} }]);
    expect(lines.map(({ level }) => level)).toEqual(["error", "info"]);
  });

  it("replaces the replacement, too", async () => {
    const { cluster } = await startCluster();
    for (let i = 0; i < 3; i++) {
      die();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(cluster.pid).toBe(4);
  });

  it("tries until it succeeds", async () => {
    const { cluster } = await startCluster();
    failures = 3;
    die();
    await vi.advanceTimersByTimeAsync(100 + 200 + 400 + 800);
    expect(cluster.pid).toBe(5);
  });

  it("stops the process that runs", async () => {
    const { cluster } = await startCluster();
    await cluster.stop();
    expect(stopped).toEqual([1]);
    expect(cluster.pid).toBeNull();
  });

  it("replaces nothing once its end is expected", async () => {
    const { cluster, lines } = await startCluster();
    cluster.expectEnd();
    die();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
    expect(lines).toEqual([]);
  });

  it("stops while it waits to replace", async () => {
    const { cluster } = await startCluster();
    die();
    await cluster.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
  });
});
