import { afterAll, expect, it } from "vitest";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import { REASON } from "../shm/close-reason.ts";
import { COUNTER, SERVER_COUNTER, SERVER_COUNTERS } from "../shm/counters.ts";
import { openSharedState } from "../shm/shared-state.ts";
import { IS_REFUSAL, readEverything } from "./page-readings.ts";

const { supervisor } = await startSupervised();
const own = openSharedState(supervisor.shared.buffers, 1);

afterAll(() => supervisor.stop(0));

it("reads the process, listeners, workers, pools and servers, in this order", () => {
  const kinds = readEverything(supervisor).map(({ subject }) => subject.split(" ", 1)[0]!);
  expect([...new Set(kinds)]).toEqual(["process", "listener", "worker", "pool", "server"]);
});

it("adds up the servers of a pool", () => {
  const { servers } = own.counters.ofWorker(1);
  servers[SERVER_COUNTER.connections] = 3;
  servers[SERVER_COUNTERS + SERVER_COUNTER.connections] = 4;
  own.servers.tryAcquire(0);
  const pool = readEverything(supervisor).find(({ subject }) => subject === "pool brokers");
  expect(pool).toMatchObject({ levels: { connections: 1 }, counts: { connects: 7 } });
});

it("counts as refused who was turned away or failed, not who left", () => {
  const { row } = own.counters.ofWorker(1);
  row[COUNTER.acceptsRefused] = 2;
  row[COUNTER.closed + REASON["refused-by-rule"]] = 3;
  row[COUNTER.closed + REASON["client-closed"]] = 100;
  expect(readEverything(supervisor)[0]).toMatchObject({ counts: { refusals: 5 } });
  expect(IS_REFUSAL[REASON["no-server-available"]]).toBe(true);
  expect(IS_REFUSAL[REASON["shut-down"]]).toBe(false);
});
