import { expect, it } from "vitest";
import { settingsFrom } from "../../tests/fixtures/settings.ts";
import type { Plan } from "../shm/plan.ts";
import { type BucketShape, takeTokenAnyway, tokenWaitMs } from "../shm/token-bucket.ts";
import { createPlan } from "./plan.ts";
import { changeRates } from "./rate-changes.ts";

const NOW = 1_000_000;

function text(rate: string): string {
  return `
limits: { accepts: { ${rate} }, tlsAccepts: { ${rate} } }
listeners:
  mqtt: { listen: "0.0.0.0:1883", pool: brokers, handshakes: { ${rate} }, accepts: { ${rate} } }
  open: { listen: "0.0.0.0:1884", pool: open }
pools:
  brokers: { admission: { ${rate} }, servers: ["10.0.0.1:1883"] }
  open: { servers: ["10.0.0.1:1884"] }
`;
}

function bucketsOf({ accepts, listeners, pools }: Plan): [Int32Array, BucketShape][] {
  const [{ handshakes, accepts: own }, { admission }] = [listeners[0]!, pools[0]!];
  const rates = [accepts!.all!, accepts!.tls!, handshakes!, own!].map(({ memory, rate }) => {
    return [new Int32Array(memory), rate] as [Int32Array, BucketShape];
  });
  return [...rates, [new Int32Array(admission!.memory), admission!.rate!]];
}

it("changes every bucket that workers share, whatever its rate is for", async () => {
  const first = createPlan(await settingsFrom(text("rate: 1/s, burst: 100")), 1);
  for (const [words, rate] of bucketsOf(first)) {
    for (let i = 0; i < 100; i++) takeTokenAnyway(words, 0, rate, NOW);
  }
  const second = createPlan(await settingsFrom(text("rate: 100/s, burst: 10")), 2, first);
  changeRates(first, second, NOW);
  const waits = bucketsOf(second).map(([words, rate]) => tokenWaitMs(words, 0, rate, NOW));
  expect(waits).toEqual([10, 10, 10, 10, 10]);
});

it("leaves new rates as they begin", async () => {
  const none = createPlan(await settingsFrom(text("rate: 1/s").replace(/limits.*/, "")), 1);
  const plan = createPlan(await settingsFrom(text("rate: 1/s")), 2, none);
  changeRates(none, plan, NOW);
  expect([...new Int32Array(plan.accepts!.all!.memory)]).toEqual([0, 0]);
});
