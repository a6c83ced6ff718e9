import { afterAll, expect, it } from "vitest";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import { writeBan } from "../../tests/fixtures/written-bans.ts";
import { banGauges } from "./ban-metrics.ts";

const TEXT = `
listeners:
  mqtt:
    listen: ["127.0.0.1:1", "127.0.0.1:2"]
    pool: brokers
    bans: { perAddress: {}, perClientId: {} }
pools:
  brokers: { check: { type: none }, servers: ["10.0.0.1:1883"] }
`;

const { supervisor } = await startSupervised(TEXT);
afterAll(() => supervisor.stop(0));

it("banGauges counts by listener and kind of key, each listener once", () => {
  for (const key of ["a", "b"]) {
    writeBan(supervisor, { table: "mqtt/bans/perClientId", key: Buffer.from(key), seconds: 60 });
  }
  supervisor.bans.list();
  supervisor.bans.lift("mqtt", "client-id", "a");
  const [active, lifted] = banGauges(supervisor);
  expect(active!.read()).toEqual([
    { labels: { listener: "mqtt", by: "address" }, value: 0 },
    { labels: { listener: "mqtt", by: "client-id" }, value: 1 },
  ]);
  expect(lifted!.read()).toEqual([{ labels: {}, value: 1 }]);
});
