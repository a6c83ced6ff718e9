import { afterAll, expect, it } from "vitest";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import { REASON } from "../shm/close-reason.ts";
import { COUNTER, SERVER_COUNTER, SERVER_COUNTERS } from "../shm/counters.ts";
import { openSharedState } from "../shm/shared-state.ts";
import { History } from "./history.ts";
import { readEverything } from "./page-readings.ts";
import { describePage } from "./page-state.ts";

const { supervisor } = await startSupervised();
const own = openSharedState(supervisor.shared.buffers, 1);
const NOW_MS = Date.parse("2026-11-21T12:00:00Z");

afterAll(() => supervisor.stop(0));

it("has what the API says, and the rates of the latest sample beside it", () => {
  const history = new History();
  const { servers } = own.counters.ofWorker(1);
  history.take(0, readEverything(supervisor));
  servers[SERVER_COUNTERS + SERVER_COUNTER.connections]! += 10;
  servers[SERVER_COUNTERS + SERVER_COUNTER.stickHits] = 6;
  history.take(2_000, readEverything(supervisor));
  const state = describePage(supervisor, history, NOW_MS);
  expect(state).toMatchObject({ at: "2026-11-21T12:00:00.000Z", sample: 2, pid: process.pid });
  const [pool] = state.pools;
  expect(pool).toMatchObject({ name: "brokers", rates: { connects: 5 } });
  expect(pool!.servers[1]).toMatchObject({ name: "b", rates: { connects: 5 }, stickHits: 6 });
});

it("tells refusals from ends", () => {
  const { row } = own.counters.ofWorker(1);
  row[COUNTER.closed + REASON["dropped-by-rule"]] = 1;
  row[COUNTER.closed + REASON["client-disconnected"]] = 2;
  const { refusals, ends } = describePage(supervisor, new History(), NOW_MS);
  expect(refusals.map(({ name }) => name)).toEqual(["dropped-by-rule"]);
  expect(ends.map(({ name }) => name)).toEqual(["client-disconnected"]);
});
