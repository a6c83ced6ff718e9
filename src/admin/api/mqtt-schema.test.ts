import { afterAll, expect, it } from "vitest";
import { startSupervised } from "../../../tests/fixtures/supervised.ts";
import { COUNTER, COUNTERS } from "../../shm/counters.ts";
import { openSharedState } from "../../shm/shared-state.ts";
import { describeMqtt } from "../mqtt-statistics.ts";
import { mqtt } from "./mqtt-schema.ts";

const { supervisor } = await startSupervised();
afterAll(() => supervisor.stop(0));

it("is what the statistics are, with nothing and with something in them", () => {
  const at = new Date(0).toISOString();
  expect(mqtt.parse({ at, ...describeMqtt(supervisor) }).connects.total).toBe(0);
  openSharedState(supervisor.shared.buffers, 0).counters.ofWorker(0).row.fill(1, 0, COUNTERS);
  const full = mqtt.parse({ at, ...describeMqtt(supervisor) });
  expect(full.connacks.own.length).toBeGreaterThan(20);
  expect(full.takeovers).toBe(supervisor.shared.counters.sum(COUNTER.takeovers));
});
