import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type LogLine, makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { settingsFrom } from "../../tests/fixtures/settings.ts";
import { errno } from "../linux/abi.ts";
import {
  ADMIN_DRAIN,
  ADMIN_MAINTENANCE,
  ADMIN_READY,
  type ServerStates,
} from "../shm/server-state.ts";
import { createSharedState } from "../shm/shared-state.ts";
import { ServerHealth } from "./server-health.ts";

const sizes = {
  workersMax: 1,
  serversMax: 2,
  listenersMax: 1,
  poolsMax: 4,
  logRingSize: 256 * 1024,
};

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
    check: { type: tcp, interval: 100ms, fastInterval: 50ms, timeout: 1m, rise: 2, fall: 2 }
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

const FAST = "interval: 100ms, fastInterval: 50ms, timeout: 1m, rise: 1, fall: 1";

/** Servers of `pools`, up and known to shared memory, looked after by the real clock. */
async function lookAfter(pools: string, connectionsOf?: (server: number) => number) {
  const settings = await settingsFrom(`
listeners: { mqtt: { listen: "127.0.0.1:1883", pool: brokers } }
${pools}
`);
  const { servers: states } = createSharedState({ ...sizes, serversMax: 8 });
  for (const server of settings.servers.keys()) {
    states.define(server, { weight: 1, connectionsMax: 0, identity: server, up: true });
  }
  const { logger, lines } = makeMemoryLogger();
  const counting = connectionsOf === undefined ? {} : { connectionsOf };
  const health = new ServerHealth({ settings, states, logger, ...counting });
  onTestFinished(() => health.stop());
  return { health, states, lines, settings };
}

function messages(lines: readonly LogLine[]): unknown[] {
  return lines.map((line) => line["msg"]);
}

describe("ServerHealth hears the operator", () => {
  it("and says so to workers and in the log; in maintenance nothing is checked", async () => {
    const { health, states, lines } = await lookAfter(`
pools: { brokers: { check: { ${FAST} }, servers: [{ name: a, address: "127.0.0.1:${port}" }] } }
`);
    health.start();
    await expect.poll(() => health.status(0).checkCount).toBeGreaterThan(0);
    health.setAdmin(0, "drain");
    expect(states.admin(0)).toBe(ADMIN_DRAIN);
    health.setAdmin(0, "maintenance");
    expect([states.admin(0), health.status(0).admin]).toEqual([ADMIN_MAINTENANCE, "maintenance"]);
    const { checkCount } = health.status(0);
    await sleep(300);
    expect(health.status(0).checkCount - checkCount).toBeLessThan(2);
    health.setAdmin(0, "ready");
    await expect.poll(() => health.status(0).checkCount).toBeGreaterThan(checkCount + 1);
    expect(states.admin(0)).toBe(ADMIN_READY);
    expect(messages(lines)).toEqual([
      'Server "brokers/a" drains: the operator says drain',
      'Server "brokers/a" is in maintenance: the operator says maintenance',
      'Server "brokers/a" is ready: the operator says ready',
    ]);
  });

  it("in the file, until something else is said, and again when the file changes", async () => {
    const pools = (state: string) => `
pools:
  brokers: { check: { type: none }, servers: [{ address: "127.0.0.1:1", state: ${state} }] }
`;
    const { health, states } = await lookAfter(pools("drain"));
    expect(states.admin(0)).toBe(ADMIN_DRAIN);
    health.setAdmin(0, "ready");
    health.apply((await lookAfter(pools("drain"))).settings);
    expect(states.admin(0)).toBe(ADMIN_READY);
    health.apply((await lookAfter(pools("maintenance"))).settings);
    expect(states.admin(0)).toBe(ADMIN_MAINTENANCE);
  });

  it("about weights, in those of the file", async () => {
    const { health, states } = await lookAfter(`
pools: { brokers: { check: { type: none }, slowStart: 10s, servers: ["127.0.0.1:1"] } }
`);
    health.setWeight(0, 2);
    expect([states.usableWeight(0), health.status(0).weight]).toEqual([32, 2]);
  });
});

describe("ServerHealth when servers go and come", () => {
  it("cuts connections where the pool wants it, and those to backups when it is back", async () => {
    const { health, states } = await lookAfter(`
pools:
  brokers:
    check: { ${FAST} }
    slowStart: 20s
    onMarkedDown: cut-connections
    onMarkedUp: cut-backup-connections
    servers:
      - { name: a, address: "127.0.0.1:${port}" }
      - { name: b, address: "127.0.0.1:1", backup: true, state: maintenance }
`);
    const cuts = () => [states.cutGeneration(0), states.cutGeneration(1)];
    states.reportFailure(0, errno.ECONNREFUSED);
    health.reportFailedDials();
    expect([states.isUp(0), ...cuts()]).toEqual([false, 1, 0]);
    health.start();
    await expect.poll(() => states.isUp(0)).toBe(true);
    expect(cuts()).toEqual([1, 1]);
    expect(states.usableWeight(0)).toBeLessThan(16);
    expect(health.status(0).throttlePercent).toBeLessThan(100);
  });

  it("takes servers that track another one along, down the line", async () => {
    const { health, states, lines } = await lookAfter(`
pools:
  brokers:
    check: { ${FAST} }
    servers:
      - { name: a, address: "127.0.0.1:1" }
      - { name: b, address: "127.0.0.1:2", track: a }
      - { name: c, address: "127.0.0.1:3", track: brokers/b }
`);
    health.start();
    await expect.poll(() => states.isUp(0)).toBe(false);
    expect([states.isUp(1), states.isUp(2)]).toEqual([false, false]);
    const reason =
      'connection refused, as "brokers/a" which it tracks, as "brokers/b" which it tracks';
    expect(health.status(2)).toMatchObject({ up: false, reason, statusText: "no check" });
    health.setAdmin(0, "drain");
    expect([0, 1, 2].map((server) => states.admin(server))).toEqual(new Array(3).fill(ADMIN_DRAIN));
    expect(messages(lines)).toContain('Pool "brokers" has no server left that is up');
  });

  it("keeps what is known of who stays, and begins anew with who has a number new", async () => {
    const pools = (name: string, rise: number) => `
pools:
  brokers:
    check: { interval: 100ms, fastInterval: 50ms, timeout: 1m, rise: ${rise}, fall: 1 }
    servers: [{ name: ${name}, address: "127.0.0.1:1" }, { name: b, address: "127.0.0.1:${port}" }]
`;
    const { health, states } = await lookAfter(pools("a", 1));
    health.start();
    await expect.poll(() => states.isUp(0)).toBe(false);
    const { checkCount } = health.status(1);
    health.apply((await lookAfter(pools("a", 2))).settings);
    expect([states.isUp(0), health.status(0).downCount]).toEqual([false, 1]);
    expect(health.status(1).checkCount).toBeGreaterThanOrEqual(checkCount);
    health.apply((await lookAfter(pools("other", 2))).settings);
    expect([states.isUp(0), health.status(0).downCount, health.status(0).checkCount]).toEqual([
      true,
      0,
      0,
    ]);
    await expect.poll(() => states.isUp(0)).toBe(false);
  });
});

describe("ServerHealth observes dials", () => {
  const observed = (observe: string, check = "interval: 1h") => `
pools:
  brokers:
    check: { ${check} }
    observe: { ${observe} }
    servers: [{ name: a, address: "127.0.0.1:${port}" }, { name: b, address: "127.0.0.1:1" }]
`;

  function fail(states: ServerStates, count: number): void {
    for (let i = 0; i < count; i++) states.reportFailure(0, errno.ECONNREFUSED);
  }

  it("in a row, broken by those that succeed", async () => {
    let connections = 0;
    const { health, states } = await lookAfter(
      observed("mode: connections, errorLimit: 3, onError: mark-down"),
      () => connections,
    );
    const report = (failed: number, succeeded: number) => {
      fail(states, failed);
      connections += succeeded;
      health.reportFailedDials();
      return states.isUp(0);
    };
    expect([report(2, 0), report(2, 1), report(2, 0), report(1, 0)]).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(health.status(0)).toMatchObject({
      reason: "connection refused for clients",
      failedDialCount: 7,
    });
  });

  it("as nginx does: out for a while, checks or none, then tried again", async () => {
    const pools = observed("mode: max-fails, maxFails: 2, failTimeout: 100ms", "type: none");
    const { health, states, lines } = await lookAfter(pools);
    fail(states, 2);
    health.reportFailedDials();
    expect(states.isUp(0)).toBe(false);
    await expect.poll(() => states.isUp(0)).toBe(true);
    expect(messages(lines)).toEqual([
      'Server "brokers/a" is DOWN: connection refused for clients',
      'Server "brokers/a" is UP: tried again after failed connections',
    ]);
  });

  it("not at all where it is told not to", async () => {
    const { health, states } = await lookAfter(observed("mode: off"));
    fail(states, 99);
    health.reportFailedDials();
    expect([states.isUp(0), health.status(0).failedDialCount]).toEqual([true, 99]);
  });
});

describe("ServerHealth by the kind of check", () => {
  it("drains a node of EMQX that is evacuated, and lets it back", async () => {
    let status = 200;
    const api = createHttpServer((request, response) => {
      paths.push(request.url ?? "");
      response.writeHead(status).end("{}");
    });
    const paths: string[] = [];
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void api.close());
    const { port: apiPort } = api.address() as { port: number };
    const { health, states, lines } = await lookAfter(`
pools:
  brokers:
    check: { type: emqx, port: ${apiPort}, ${FAST} }
    servers: [{ name: a, address: "127.0.0.1:1" }]
`);
    health.start();
    await expect.poll(() => health.status(0).checkCount).toBeGreaterThan(0);
    status = 503;
    await expect.poll(() => states.admin(0)).toBe(ADMIN_DRAIN);
    expect(states.isUp(0)).toBe(true);
    status = 200;
    await expect.poll(() => states.admin(0)).toBe(ADMIN_READY);
    status = 500;
    await expect.poll(() => states.isUp(0)).toBe(false);
    expect(new Set(paths)).toEqual(new Set(["/api/v5/load_rebalance/availability_check"]));
    expect(messages(lines).slice(0, 2)).toEqual([
      'Server "brokers/a" drains: HTTP 503: the server wants no new clients',
      'Server "brokers/a" is ready: HTTP 200',
    ]);
  });

  it("starts a server down where the file has it so", async () => {
    const { health, states } = await lookAfter(`
pools:
  brokers:
    check: { initial: fully-down, ${FAST} }
    servers: [{ name: a, address: "127.0.0.1:${port}" }]
`);
    expect(states.isUp(0)).toBe(false);
    health.start();
    await expect.poll(() => states.isUp(0)).toBe(true);
    expect(health.status(0).downCount).toBe(0);
  });
});

describe("ServerHealth asks the program beside a server", () => {
  it("and does as it says: weight, limit, drain, down", async () => {
    const lines = ["up 50% maxconn:7", "drain", "ready down #no disk"];
    const program = createServer((socket) => socket.end(`${lines[0]}\n`));
    await new Promise<void>((resolve) => program.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void program.close());
    const { port: agentPort } = program.address() as { port: number };
    const { health, states } = await lookAfter(`
pools:
  brokers:
    check: { type: none }
    agentCheck: { port: ${agentPort}, interval: 100ms, timeout: 1m }
    servers: [{ name: a, address: "127.0.0.1:${port}" }]
`);
    await expect.poll(() => states.usableWeight(0)).toBe(8);
    expect([states.connectionsMax(0), health.status(0).weight]).toEqual([7, 0.5]);
    lines.shift();
    await expect.poll(() => states.admin(0)).toBe(ADMIN_DRAIN);
    lines.shift();
    await expect.poll(() => states.isUp(0)).toBe(false);
    expect(states.admin(0)).toBe(ADMIN_READY);
    expect(health.status(0)).toMatchObject({
      reason: "no disk",
      agentSentence: "ready down #no disk",
    });
  });
});
