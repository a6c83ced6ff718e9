import { afterAll, expect, it } from "vitest";
import { startSupervised } from "../../../tests/fixtures/supervised.ts";
import { SERVER_COUNTER, SERVER_COUNTERS } from "../../shm/counters.ts";
import { Rates } from "./rates.ts";

const { supervisor } = await startSupervised();
const rates = new Rates(supervisor);
afterAll(async () => {
  rates.stop();
  await supervisor.stop(0);
});

it("Rates are what was added between two looks, and the most of it", () => {
  rates.stop();
  const { servers } = supervisor.shared.counters.ofWorker(0);
  const add = (count: number) => {
    servers[1 * SERVER_COUNTERS + SERVER_COUNTER.connections]! += count;
    rates.count();
  };
  add(5);
  add(3);
  expect(rates.of("server 1")).toMatchObject({ now: 3, max: 5 });
  expect(rates.of("pool 0")).toMatchObject({ now: 3, max: 5 });
  expect(rates.of("listener 0")).toMatchObject({ now: 0, max: 0 });
  rates.forgetMost();
  expect(rates.of("server 1")).toMatchObject({ now: 3, max: 3 });
  expect(rates.of("process")).toMatchObject({ now: 0 });
  expect(rates.of("tls")).toMatchObject({ now: 0 });
  expect(rates.of("server 99")).toEqual({ now: 0, max: 0 });
});
