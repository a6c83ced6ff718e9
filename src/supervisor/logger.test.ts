import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLog } from "./logger.ts";

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
    const log = openLog({ level: "info", format: "json", access: true }, fd);
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

  it("writes lines for people", async () => {
    const log = openLog({ level: "debug", format: "pretty", access: true }, fd);
    log.logger.debug("looking");
    await log.close();
    expect(written()).toMatch(/^\d\d:\d\d:\d\d\.\d{3} DEBUG looking\n$/);
  });
});
