import { describe, expect, it } from "vitest";
import { settingsFrom } from "../../tests/fixtures/settings.ts";
import { createPlan } from "./plan.ts";

const TEXT = `
limits: { accepts: { rate: 1000/s }, tlsAccepts: { rate: 10/s } }
listeners:
  mqtt:
    { listen: "0.0.0.0:1883", pool: brokers, handshakes: { rate: 100/s }, accepts: { rate: 50/s } }
pools:
  brokers:
    admission: { rate: 200/s, perServer: 50/s, waiting: 5 }
    servers: ["10.0.0.1:1883", "10.0.0.2:1883"]
`;

describe("the plan of who is let in", () => {
  it("has intervals instead of rates", async () => {
    const plan = createPlan(await settingsFrom(TEXT), 1);
    expect(plan.pools[0]!.admission).toMatchObject({
      rate: { intervalUs: 5_000, toleranceUs: 45_000 },
      perServer: { intervalUs: 20_000, toleranceUs: 40_000 },
      waitingMax: 5,
    });
    expect(plan.listeners[0]!.handshakes!.rate).toEqual({
      intervalUs: 10_000,
      toleranceUs: 40_000,
    });
    expect(plan.listeners[0]!.accepts!.rate).toEqual({ intervalUs: 20_000, toleranceUs: 40_000 });
    expect(plan.accepts!.all!.rate).toEqual({ intervalUs: 1_000, toleranceUs: 49_000 });
    expect(plan.accepts!.tls!.rate).toEqual({ intervalUs: 100_000, toleranceUs: 0 });
  });

  it("keeps what was counted, whatever the rates are now", async () => {
    const first = createPlan(await settingsFrom(TEXT), 1);
    const second = createPlan(await settingsFrom(TEXT.replace("200/s", "9/s")), 2, first);
    expect(second.pools[0]!.admission!.memory).toBe(first.pools[0]!.admission!.memory);
    expect(second.listeners[0]!.handshakes!.memory).toBe(first.listeners[0]!.handshakes!.memory);
    expect(second.listeners[0]!.accepts!.memory).toBe(first.listeners[0]!.accepts!.memory);
    expect(second.accepts!.all!.memory).toBe(first.accepts!.all!.memory);
    expect(second.accepts!.tls!.memory).toBe(first.accepts!.tls!.memory);
    expect(second.pools[0]!.admission!.rate!.intervalUs).toBe(111_112);
  });

  it("has nothing for those who are let in at once", async () => {
    const text = TEXT.replace(/limits.*\n| {4}admission.*\n|, handshakes: .*(?= }\n)/g, "");
    const plan = createPlan(await settingsFrom(text), 1);
    expect([plan.pools[0]!.admission, plan.listeners[0]!.handshakes]).toEqual([null, null]);
    expect([plan.listeners[0]!.accepts, plan.accepts]).toEqual([null, { all: null, tls: null }]);
  });
});
