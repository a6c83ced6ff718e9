import { describe, expect, it } from "vitest";
import { ManualClock } from "../../tests/fixtures/manual-clock.ts";
import { makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { settingsFrom } from "../../tests/fixtures/settings.ts";
import { Condition } from "../health/condition.ts";
import { UpTimes } from "../health/up-times.ts";
import { ADMIN_DRAIN } from "../shm/server-state.ts";
import { createSharedState } from "../shm/shared-state.ts";
import { type StandingEntry, Standings } from "./standings.ts";

const sizes = {
  workersMax: 1,
  serversMax: 4,
  listenersMax: 1,
  poolsMax: 4,
  logRingSize: 256 * 1024,
};
const CAUSE = { reason: "connection refused", code: "L4CON", checkDurationMs: 3 };

async function make() {
  const { servers, pools } = await settingsFrom(`
listeners: { mqtt: { listen: "127.0.0.1:1883", pool: p } }
pools:
  p:
    check: { type: none }
    onMarkedDown: cut-connections
    servers: [{ name: a, address: "127.0.0.1:1" }, { name: b, address: "127.0.0.1:2", track: a }]
`);
  const { servers: states } = createSharedState(sizes);
  const { logger, lines } = makeMemoryLogger();
  const told: string[] = [];
  const entries: StandingEntry[] = servers.map((server) => ({
    server,
    pool: pools[server.pool]!,
    condition: new Condition(server.state),
    times: new UpTimes(true, 0),
    standing: { up: true, admin: "ready" },
    adminChangedAtMs: null,
    reason: null,
  }));
  const clock = new ManualClock();
  const standings = new Standings({
    entries,
    states,
    logger,
    clock,
    onBack: (server) => told.push(`back ${server}`),
    onMaintenance: (server, isIn) => told.push(`maintenance ${server} ${isIn}`),
  });
  standings.linkTrackers();
  for (const number of entries.keys()) standings.settle(number);
  return { states, lines, told, entries, standings, clock, pool: pools[0]! };
}

describe("Standings", () => {
  it("settle a new server without a word to anybody", async () => {
    const { states, lines, told } = await make();
    expect([states.isUp(0), states.isUp(1), lines, told]).toEqual([true, true, [], []]);
  });

  it("follow what was said, down the line of trackers, and cut connections", async () => {
    const { states, lines, entries, standings } = await make();
    entries[0]!.condition.checkUp = false;
    standings.refresh(0, CAUSE);
    standings.refresh(0, CAUSE);
    expect([0, 1].map((server) => [states.isUp(server), states.cutGeneration(server)])).toEqual([
      [false, 1],
      [false, 1],
    ]);
    expect(lines).toMatchObject([
      { level: "warn", pool: "p", server: "a", code: "L4CON", checkDurationMs: 3 },
      { level: "warn", server: "b" },
      { level: "error", msg: 'Pool "p" has no server left that is up' },
    ]);
    expect(standings.changes.map(({ server, up }) => [server, up])).toEqual([
      [1, false],
      [0, false],
    ]);
  });

  it("know how often, and for how long, a pool had nobody left", async () => {
    const { entries, standings, clock, pool } = await make();
    const turn = (server: number, up: boolean) => {
      entries[server]!.condition.checkUp = up;
      standings.refresh(server, CAUSE);
    };
    expect(standings.poolStatus(pool)).toEqual({ downCount: 0, changedAtMs: null, downtimeMs: 0 });
    entries[1]!.condition.operator = "maintenance";
    standings.refresh(1, CAUSE);
    expect(standings.poolStatus(pool).downCount).toBe(0);
    await clock.advanceTo(1_000);
    turn(0, false);
    await clock.advanceTo(5_000);
    turn(0, true);
    await clock.advanceTo(6_000);
    expect(standings.poolStatus(pool)).toEqual({
      downCount: 1,
      changedAtMs: 5_000,
      downtimeMs: 4_000,
    });
  });

  it("tell of maintenance and of its end, and of draining nobody but the log", async () => {
    const { states, told, entries, standings } = await make();
    entries[1]!.condition.operator = "drain";
    standings.refresh(1, CAUSE);
    expect([states.admin(1), told]).toEqual([ADMIN_DRAIN, []]);
    entries[1]!.condition.operator = "maintenance";
    standings.refresh(1, CAUSE);
    entries[1]!.condition.operator = "ready";
    standings.refresh(1, CAUSE);
    expect(told).toEqual(["maintenance 1 true", "back 1", "maintenance 1 false"]);
    expect(standings.changes).toEqual([]);
  });
});
