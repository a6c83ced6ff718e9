import { describe, expect, it } from "vitest";
import { makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import {
  AUTO_CONNECTIONS_MAX,
  limitConnections,
  raiseOpenFilesLimit,
  settleConnectionsMax,
} from "./open-files.ts";

const machine = { openFilesMax: 20_000, workerCount: 2, listenerCount: 1, serverCount: 3 };

describe("raiseOpenFilesLimit", () => {
  it("answers the limit in force, and the same when asked again", () => {
    const limit = raiseOpenFilesLimit();
    expect(limit).toBeGreaterThanOrEqual(256);
    expect(raiseOpenFilesLimit()).toBe(limit);
  });
});

describe("limitConnections", () => {
  it("gives two files to each connection and keeps some for everything else", () => {
    const { connectionsMax, warning } = limitConnections({ ...machine, wished: "auto" });
    expect(connectionsMax).toBe((20_000 - 256 - 3 - 2 * 9 - 1) / 2);
    expect(warning).toBeNull();
  });

  it("takes a smaller wish as it is", () => {
    expect(limitConnections({ ...machine, wished: 100 }).connectionsMax).toBe(100);
  });

  it("cuts a wish that does not fit, and says what to raise", () => {
    const { connectionsMax, warning } = limitConnections({ ...machine, wished: 50_000 });
    expect(connectionsMax).toBeLessThan(10_000);
    expect(warning).toContain("limits.connections is 50000");
    expect(warning).toContain("LimitNOFILE");
  });

  it("does not size tables by a limit that stands for none", () => {
    const boundless = { ...machine, openFilesMax: 1_073_741_816, wished: "auto" } as const;
    expect(limitConnections(boundless).connectionsMax).toBe(AUTO_CONNECTIONS_MAX);
  });

  it("leaves at least one connection", () => {
    expect(limitConnections({ ...machine, openFilesMax: 64, wished: "auto" }).connectionsMax).toBe(
      1,
    );
  });
});

describe("settleConnectionsMax", () => {
  it("takes what the settings ask for, and says what does not fit", async () => {
    const { logger, lines } = makeMemoryLogger();
    const settings = await settingsFrom(`${TWO_POOLS}\nlimits: { connections: 7 }\n`);
    expect(settleConnectionsMax(settings, 2, logger)).toBe(7);
    expect(lines).toEqual([]);
    const { limits } = settings;
    const wide = { ...settings, limits: { ...limits, connectionsMax: 1e12 } };
    const connectionsMax = settleConnectionsMax(wide, 2, logger);
    expect(lines).toMatchObject([{ connectionsMax }]);
  });
});
