import { createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { settingsFrom } from "../../tests/fixtures/settings.ts";
import { errno } from "../linux/abi.ts";
import { createSharedState } from "../shm/shared-state.ts";
import { ServerHealth } from "./server-health.ts";

const sizes = { workersMax: 1, serversMax: 2, listenersMax: 1, logRingSize: 256 * 1024 };

let broker: Server;
let port: number;

beforeEach(async () => {
  broker = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => broker.listen(0, "127.0.0.1", resolve));
  port = (broker.address() as { port: number }).port;
});

afterEach(() => {
  broker.close();
});

async function makeHealth() {
  const settings = await settingsFrom(`
listeners: { mqtt: { listen: "127.0.0.1:1883", pool: brokers } }
pools:
  brokers:
    check: { type: tcp, interval: 100ms, fastInterval: 50ms, rise: 2, fall: 2 }
    servers: [{ name: a, address: "127.0.0.1:${port}" }, { name: b, address: "127.0.0.1:1" }]
`);
  const { servers: states } = createSharedState(sizes);
  for (const server of [0, 1]) {
    states.define(server, { weight: 1, connectionsMax: 0, identity: server, up: true });
  }
  const { logger, lines } = makeMemoryLogger();
  return { health: new ServerHealth({ settings, states, logger }), states, lines };
}

describe("ServerHealth", () => {
  it("takes a server that refuses out of the rotation, with the reason, once", async () => {
    const { health, states, lines } = await makeHealth();
    health.start();
    await expect.poll(() => states.isUp(1)).toBe(false);
    await expect.poll(() => health.status(0).checkCount).toBeGreaterThan(2);
    await health.stop();
    expect(states.isUp(0)).toBe(true);
    expect(lines).toMatchObject([
      { level: "warn", pool: "brokers", server: "b", address: "127.0.0.1:1", code: "L4CON" },
    ]);
    expect(lines[0]?.["msg"]).toBe('Server "brokers/b" is DOWN: connection refused');
    expect(health.status(1)).toMatchObject({ up: false, reason: "connection refused" });
    expect(health.changes).toMatchObject([{ server: 1, up: false, reason: "connection refused" }]);
    // Of the wall clock, not of the schedule's, which starts with the process.
    expect(health.status(1).changedAtMs).toBeGreaterThan(Date.UTC(2020, 0));
  });

  it("counts dials that workers saw fail, and brings the server back by its checks", async () => {
    const { health, states, lines } = await makeHealth();
    health.start();
    await expect.poll(() => health.status(0).checkCount).toBeGreaterThan(0);
    states.reportFailure(0, errno.ETIMEDOUT);
    states.reportFailure(0, errno.ETIMEDOUT);
    health.reportFailedDials();
    expect(states.isUp(0)).toBe(false);
    expect(health.status(0).reason).toBe("connection timed out for a client");
    await expect.poll(() => states.isUp(0)).toBe(true);
    await health.stop();
    const ofA = lines.filter(({ server }) => server === "a");
    expect(ofA.map(({ level }) => level)).toEqual(["warn", "info"]);
  });

  it("says when a pool has nobody left", async () => {
    const { health, states, lines } = await makeHealth();
    states.setUp(0, false);
    health.start();
    await expect.poll(() => lines.some(({ level }) => level === "error")).toBe(true);
    await health.stop();
    expect(lines.find(({ level }) => level === "error")?.["msg"]).toBe(
      'Pool "brokers" has no server left that is up',
    );
  });
});
