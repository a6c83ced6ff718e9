import { describe, expect, it } from "vitest";
import { makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { Rule } from "../mqtt/rule.ts";
import { REASON } from "../shm/close-reason.ts";
import { COUNTER } from "../shm/counters.ts";
import type { FinishedConnection } from "../shm/log-ring.ts";
import { createSharedState, type SharedState } from "../shm/shared-state.ts";
import { AccessLog, loggerOutlet } from "./access-log.ts";

const names = await settingsFrom(TWO_POOLS);

function setUp(takesConnections = true) {
  const sizes = {
    workersMax: 2,
    serversMax: 3,
    listenersMax: 2,
    poolsMax: 4,
    logRingSize: 512 * 1024,
  };
  const shared = createSharedState(sizes);
  const { logger, lines } = makeMemoryLogger();
  const outlet = { ...loggerOutlet(logger), takesConnections, droppedCount: 0 };
  const log = new AccessLog({ names, shared, logger, outlet });
  return { shared, lines, log, outlet, logger };
}

function finish(
  shared: SharedState,
  clientId: string,
  fields: Partial<Omit<FinishedConnection, "client">>,
): void {
  const writer = shared.logWriter(1);
  writer.entry.client.set(makeEndpoint("192.0.2.7", 5000)!);
  Object.assign(writer.entry, fields);
  const bytes = new TextEncoder().encode(clientId);
  writer.push(bytes, 0, bytes.length);
}

describe("AccessLog", () => {
  it("writes a line with names for each connection that has ended", () => {
    const { shared, lines, log } = setUp();
    finish(shared, "sensor-1", {
      listener: 0,
      pool: 0,
      server: 1,
      level: 5,
      reason: REASON["client-disconnected"],
      dialMs: 2,
      startedAtMs: Date.UTC(2026, 10, 21, 12),
      durationMs: 1500.4,
      bytesIn: 10,
      bytesOut: 20,
      packetsIn: 3,
      packetsOut: 4,
    });
    expect(log.drain()).toBe(false);
    expect(lines).toMatchObject([
      {
        event: "connection",
        client: "192.0.2.7:5000",
        clientId: "sensor-1",
        version: "5.0",
        listener: "mqtt",
        pool: "brokers",
        server: "b",
        serverAddress: "127.0.0.1:2",
        bytesIn: 10,
        bytesOut: 20,
        packetsIn: 3,
        packetsOut: 4,
        startedAt: "2026-11-21T12:00:00.000Z",
        durationMs: 1500,
        dialMs: 2,
        reason: "client-disconnected",
        side: "client",
      },
    ]);
    expect(lines[0]).not.toHaveProperty("rule");
    expect(lines[0]).not.toHaveProperty("errno");
  });

  it("names the rule that a CONNECT broke, and nothing that was never there", () => {
    const { shared, lines, log } = setUp();
    const reason = REASON["connect-malformed"];
    finish(shared, "", { level: 4, reason, rule: Rule.reservedFlag, server: -1, dialMs: -1 });
    log.drain();
    expect(lines).toMatchObject([
      { rule: "MQTT-3.1.2-3", server: null, serverAddress: null, dialMs: null, version: "3.1.1" },
    ]);
  });

  it("cuts client ids that are longer than a line should be", () => {
    const { shared, lines, log } = setUp();
    finish(shared, "x".repeat(60_000), {});
    log.drain();
    expect(lines[0]!["clientId"]).toBe(`${"x".repeat(512)}…`);
  });

  it("says that more is waiting, and takes it the next time", () => {
    const { shared, lines, log } = setUp();
    for (let i = 0; i < 2_050; i++) finish(shared, "", {});
    expect(log.drain()).toBe(true);
    expect(lines).toHaveLength(2_000);
    expect(log.drain()).toBe(false);
    expect(lines).toHaveLength(2_050);
  });

  it("empties the rings without a line when it is off", () => {
    const { shared, lines, log } = setUp(false);
    finish(shared, "sensor-1", {});
    log.drain();
    expect(lines).toEqual([]);
    expect(shared.logReader(1).used).toBe(0);
  });

  it("writes nothing that the level of the log leaves out", () => {
    const { shared, lines, log, logger } = setUp();
    logger.level = "warn";
    finish(shared, "sensor-1", {});
    log.drain();
    expect([lines, shared.logReader(1).used]).toEqual([[], 0]);
  });

  it("tells of lines that an outlet dropped", () => {
    const { lines, log, outlet } = setUp();
    outlet.droppedCount = 3;
    log.tellDrops(0);
    expect(lines).toMatchObject([{ count: 3, msg: expect.stringContaining("receiver") }]);
  });

  it("tells of dropped records once a minute at most, with how many", () => {
    const { shared, lines, log } = setUp();
    log.tellDrops(0);
    const { row } = shared.counters.ofWorker(0);
    row[COUNTER.logRecordsDropped] = 5;
    log.tellDrops(1);
    row[COUNTER.logRecordsDropped] = 7;
    log.tellDrops(59_000);
    log.tellDrops(61_000);
    expect(lines.map(({ count }) => count)).toEqual([5, 2]);
  });
});
