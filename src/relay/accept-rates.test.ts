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
    const rates = ratesOf(planOf({ all: ratePlan(20), tls: ratePlan(4) }, ratePlan(10)));
    expect(rates.countIn(0, NOW)).toBe(100);
    expect(rates.countIn(1, NOW)).toBe(250);
    expect([rates.waitMs(0, NOW + 60), rates.waitMs(1, NOW + 60)]).toEqual([40, 190]);
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
    expect(none.countIn(0, NOW)).toBe(0);
  });

  it("counts for all workers together", () => {
    const plan = planOf(undefined, ratePlan(10));
    const [one, other] = [ratesOf(plan), ratesOf(plan)];
    expect([one.countIn(0, NOW), other.countIn(0, NOW)]).toEqual([100, 200]);
    expect(one.waitMs(0, NOW)).toBe(200);
  });
});
