import { afterEach, describe, expect, it } from "vitest";
import { LoadUnderTest } from "../../tests/fixtures/load-under-test.ts";

let load: LoadUnderTest;

afterEach(() => load.end());

describe("LoadLoop", () => {
  it("is both ends at once: every message comes and is acknowledged", async () => {
    const wishes = { connectionCount: 30, messagesMax: 3_000, inFlightMax: 4 } as const;
    load = new LoadUnderTest({ kind: "ping", qos: 1, ...wishes });
    await load.until(() => load.count("up") === 30);
    load.go();
    await load.until(() => load.steering.doneCount === 1);
    const counts = [load.count("published"), load.count("acknowledged")];
    expect([...counts, load.count("sinkReceived")]).toEqual([3_000, 3_000, 3_000]);
    expect(load.tally.ackTimes.reduce((a, b) => a + b)).toBe(3_000);
    expect(load.failures).toEqual([]);
  });

  it("ends while connections are being opened and messages are under way", async () => {
    const wishes = { connectionCount: 40, connectIntervalMs: 1 } as const;
    load = new LoadUnderTest({ kind: "pub", qos: 1, inFlightMax: 20, ...wishes });
    load.go();
    await load.until(() => load.count("acknowledged") > 50);
  });

  it("ends as a sink that nobody came to", () => {
    load = new LoadUnderTest({ connectionCount: 0 });
  });

  it("says once that it is done", async () => {
    load = new LoadUnderTest({ kind: "pub", messagesMax: 1 });
    load.go();
    await load.until(() => load.steering.doneCount > 0);
    await load.turns(20);
    expect(load.steering.doneCount).toBe(1);
  });
});
