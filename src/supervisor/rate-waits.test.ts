import { expect, it } from "vitest";
import { makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { settingsFrom } from "../../tests/fixtures/settings.ts";
import { LISTENER_COUNTER, LISTENER_COUNTERS } from "../shm/counters.ts";
import { createSharedState } from "../shm/shared-state.ts";
import { RateWaits } from "./rate-waits.ts";

const SIZES = { workersMax: 2, serversMax: 1, listenersMax: 2, poolsMax: 1, logRingSize: 1 << 20 };

const settings = await settingsFrom(`
listeners:
  mqtt: { listen: ["127.0.0.1:1", "127.0.0.1:2"], pool: brokers }
pools:
  brokers: { check: { type: none }, servers: ["10.0.0.1:1883"] }
`);

it("RateWaits names listeners where clients wait, each once a minute at most", () => {
  const { lines, logger } = makeMemoryLogger();
  const { counters } = createSharedState(SIZES);
  const waits = new RateWaits(counters, logger);
  const wait = (worker: number, listener: number) => {
    const at = listener * LISTENER_COUNTERS + LISTENER_COUNTER.rateWaits;
    counters.ofWorker(worker).listeners[at]! += 1;
  };
  const told = (nowMs: number) => {
    waits.tell(settings, [0, 1], nowMs);
    return lines.splice(0).map(({ listener, count }) => [listener, count]);
  };
  expect(told(0)).toEqual([]);
  wait(0, 1);
  wait(1, 1);
  expect(told(999)).toEqual([]);
  expect(told(1_000)).toEqual([["mqtt/2", 2]]);
  wait(0, 0);
  wait(0, 1);
  expect(told(2_000)).toEqual([["mqtt/1", 1]]);
  expect(told(61_000)).toEqual([["mqtt/2", 1]]);
});
