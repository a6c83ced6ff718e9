import { afterAll, describe, expect, it } from "vitest";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import { EVICTING_ALL, EVICTING_NOBODY } from "../shm/server-state.ts";
import { openSharedState } from "../shm/shared-state.ts";

const { supervisor, workers } = await startSupervised();
afterAll(() => supervisor.stop(0));
const own = openSharedState(workers.started[0]!.start.shared, 0);

describe("ClientMoves", () => {
  it("drains a server as its pool says, but for what is said now", () => {
    for (let i = 0; i < 3; i++) own.servers.tryAcquire(0);
    const status = supervisor.moves.evict(0, { ratePerSecond: 7 });
    expect(status).toMatchObject({ kind: "drain", state: "running", firstCount: 3, target: 0 });
    expect(status!.deadlineAtMs - status!.startedAtMs).toBe(600_000);
    const { servers } = supervisor.shared;
    expect([supervisor.health.status(0).admin, servers.evicting(0)]).toEqual([
      "drain",
      EVICTING_ALL,
    ]);
  });

  it("stops it, and leaves the server in drain", () => {
    expect(supervisor.moves.stopEvicting(0)).toMatchObject({ state: "stopped", active: 3 });
    expect(supervisor.shared.servers.evicting(0)).toBe(EVICTING_NOBODY);
    expect(supervisor.health.status(0).admin).toBe("drain");
  });

  it("knows of no server that nobody was sent away from, and finds no surplus in one", () => {
    expect(supervisor.moves.status(1)).toBeNull();
    expect(supervisor.moves.rebalance(1)).toEqual([]);
    expect(supervisor.moves.rebalance(9)).toEqual([]);
    expect(supervisor.moves.stopRebalancing(9)).toEqual([]);
    expect([0, 9].map((pool) => supervisor.moves.canRebalance(pool))).toEqual([true, false]);
  });
});
