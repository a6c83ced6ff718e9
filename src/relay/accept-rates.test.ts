import { describe, expect, it } from "vitest";
import { Scene } from "../../tests/relay/relay-scene.ts";
import type { Plan, SharedRatePlan, TlsListenerPlan } from "../shm/plan.ts";
import { BUCKET_BYTES, bucketShape } from "../shm/token-bucket.ts";
import { AcceptRates } from "./accept-rates.ts";

const NOW = 1_000_000;

function ratePlan(perSecond: number): SharedRatePlan {
  return { rate: bucketShape(perSecond, 1), memory: new SharedArrayBuffer(BUCKET_BYTES) };
}

/** Listener 0 has a rate of its own, listener 1 has TLS. */
function planOf(accepts: Plan["accepts"], own: SharedRatePlan | null = null): Plan {
  const { plan } = new Scene();
  const [first] = plan.listeners;
  const tls = {} as TlsListenerPlan;
  const listeners = [
    { ...first!, accepts: own },
    { ...first!, tls },
  ];
  return { ...plan, listeners, ...(accepts && { accepts }) };
}

function ratesOf(plan: Plan): AcceptRates {
  const rates = new AcceptRates();
  for (const listener of [0, 1]) rates.use(listener, plan);
  return rates;
}

describe("AcceptRates", () => {
  it("holds a listener back by the slowest of its rates", () => {
    const plan = planOf({ all: ratePlan(20), tls: ratePlan(4) }, ratePlan(10));
    expect(ratesOf(plan).letIn(0, NOW)).toBe(100);
    // Of the process's rate two are gone: one let in, and the next one's time.
    expect(ratesOf(plan).letIn(1, NOW)).toBe(250);
  });

  it("knows those that have none", () => {
    const none = ratesOf(planOf(undefined));
    const tls = ratesOf(planOf({ all: null, tls: ratePlan(4) }));
    const own = ratesOf(planOf({ all: null, tls: null }, ratePlan(4)));
    const all = ratesOf(planOf({ all: ratePlan(4), tls: null }));
    expect([none, tls, own, all].map((of) => [of.has(0), of.has(1)])).toEqual([
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ]);
    expect(none.letIn(0, NOW)).toBe(0);
  });

  it("books the time of the next client, so that workers take turns", () => {
    const plan = planOf(undefined, ratePlan(10));
    const [one, other] = [ratesOf(plan), ratesOf(plan)];
    const due = [one.letIn(0, NOW), other.letIn(0, NOW)];
    expect(due).toEqual([100, 300]);
    const times: number[] = [];
    for (let ms = 0; ms < 2_000; ms++) {
      for (const [i, rates] of [one, other].entries()) {
        if (ms < due[i]!) continue;
        times.push(ms);
        due[i] = ms + rates.letIn(0, NOW + ms);
      }
    }
    const evenly = Array.from({ length: 17 }, (_, i) => 300 + 100 * i);
    expect(times).toEqual([100, ...evenly]);
  });

  it("lets one client in at a time that was booked and has passed", () => {
    const rates = ratesOf(planOf(undefined, ratePlan(10)));
    expect(rates.letIn(0, NOW)).toBe(100);
    expect([5_000, 5_000, 5_100].map((ms) => rates.letIn(0, NOW + ms))).toEqual([0, 100, 100]);
    rates.forget(0);
    expect(rates.letIn(0, NOW + 5_200)).toBe(200);
  });
});
