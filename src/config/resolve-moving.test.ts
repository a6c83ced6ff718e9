import { describe, expect, it } from "vitest";
import { settingsFrom } from "../../tests/fixtures/settings.ts";

describe("settings of clients that move", () => {
  it("are by the second, however they were written", async () => {
    const settings = await settingsFrom(`
listeners:
  mqtt: { listen: "0.0.0.0:1883", pool: brokers }
pools:
  brokers:
    drain: { rate: 90/m, jitter: 0, deadline: 1h, reason: server-moved, wills: discarded }
    rebalance: { mode: "off", band: 5, rate: 100/10s }
    admission: { rate: 2/s, burst: 7 }
    takeover: { size: 500 }
    servers:
      - { address: "10.0.0.1:1883", publicName: "[2001:db8::1]:8883" }
      - "10.0.0.2:1883"
`);
    expect(settings.pools[0]).toMatchObject({
      drain: {
        ratePerSecond: 1.5,
        jitterPercent: 0,
        deadlineMs: 3_600_000,
        isForGood: true,
        discardsWills: true,
      },
      rebalance: { mode: "off", bandPercent: 5, ratePerSecond: 10 },
      takeover: { idsMax: 500 },
      admission: { rate: { perSecond: 2, burst: 7 }, perServer: null, delayMaxMs: 5_000 },
    });
    expect(settings.servers.map(({ publicName }) => publicName)).toEqual([
      "[2001:db8::1]:8883",
      null,
    ]);
  });
});
