import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import type { LogSettings } from "../config/settings.ts";
import { alwaysHeard, openLog } from "./logger.ts";

const settingsOf = async (level: string, format: string): Promise<LogSettings> =>
  (await settingsFrom(`${TWO_POOLS}\nlog: { level: ${level}, format: ${format} }\n`)).log;

let folder: string;
let fd: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-log-"));
  fd = openSync(join(folder, "log"), "w");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const written = () => readFileSync(join(folder, "log"), "utf8");

describe("openLog", () => {
  it("writes one JSON object a line, with a level by name and a time", async () => {
    const log = openLog(await settingsOf("info", "json"), fd);
    log.logger.info({ server: "b1" }, "Server is UP");
    log.logger.debug("not worth a line");
    await log.close();
    const lines = written().trimEnd().split("\n");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      server: "b1",
      msg: "Server is UP",
    });
    expect(log.droppedCount()).toBe(0);
  });

  it("writes what is always heard at every level", async () => {
    const log = openLog(await settingsOf("error", "json"), fd);
    log.logger.info("not heard");
    alwaysHeard(log.logger).info({ server: "b1" }, "Server is UP");
    await log.close();
    expect(JSON.parse(written())).toMatchObject({ level: "info", msg: "Server is UP" });
  });

  it("writes lines for people", async () => {
    const log = openLog(await settingsOf("debug", "pretty"), fd);
    log.logger.debug("looking");
    await log.close();
    expect(written()).toMatch(/^\d\d:\d\d:\d\d\.\d{3} DEBUG looking\n$/);
  });
});
