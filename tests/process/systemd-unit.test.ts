// deploy/systemd/fairlead.service, judged by systemd's own systemd-analyze, which needs no running
// systemd, and its commands, run as they stand there.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { runFairlead } from "./fairlead.ts";
import { findProgram } from "./peer-program.ts";

const FILE = fileURLToPath(new URL("../../deploy/systemd/fairlead.service", import.meta.url));
const EXAMPLE = fileURLToPath(new URL("../../examples/plain.yaml", import.meta.url));
const text = readFileSync(FILE, "utf8");

const folder = mkdtempSync(join(tmpdir(), "fairlead-unit-"));

afterAll(() => rmSync(folder, { recursive: true }));

function systemdAnalyze(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(findProgram("systemd-analyze"), args, {
    encoding: "utf8",
  });
  return { status, said: `${stdout}${stderr}` };
}

/** The unit as it is where `fairlead` is installed. @returns its path */
function installed(unit: string): string {
  const program = join(folder, "fairlead");
  writeFileSync(program, "#!/bin/sh\n");
  chmodSync(program, 0o755);
  const path = join(folder, "fairlead.service");
  writeFileSync(path, unit.replaceAll(/^(Exec\w+=)fairlead /gm, `$1${program} `));
  return path;
}

/** @returns what a key is set to, once or several times */
function valuesOf(key: string): string[] {
  return [...text.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map(([, value]) => value!);
}

describe("the unit", () => {
  it("is one that systemd takes without a word", () => {
    expect(systemdAnalyze("verify", "--man=no", installed(text))).toEqual({ status: 0, said: "" });
    const misspelt = installed(text.replace("UMask", "Umsk"));
    expect(systemdAnalyze("verify", "--man=no", misspelt).said).toContain("'Umsk'");
  });

  it("has commands that Fairlead obeys", async () => {
    const [check] = valuesOf("ExecStartPre");
    expect(valuesOf("ExecReload")).toEqual([check, "kill -HUP $MAINPID"]);
    expect(valuesOf("ExecStart")).toEqual([check!.replace(" check ", " run ")]);
    const [program, ...args] = check!.replace(/\$\{CONFIG\}/, EXAMPLE).split(" ");
    expect(program).toBe("fairlead");
    expect(await runFairlead(...args)).toMatchObject({ exitCode: 0 });
  });

  it("leaves little to somebody who breaks in, and to Fairlead what it needs", () => {
    // In tenths of systemd's points, of which a service without any care has 96.
    const limit = "--threshold=20";
    const security = systemdAnalyze("security", "--offline=true", limit, installed(text));
    expect(security.status, security.said).toBe(0);
    expect(valuesOf("MemoryDenyWriteExecute")).toEqual(["no"]);
    expect(valuesOf("SystemCallFilter")).toEqual(["@system-service"]);
    expect(systemdAnalyze("syscall-filter", "@system-service").said).toMatch(/^ +@aio$/m);
    expect(systemdAnalyze("syscall-filter", "@aio").said).toMatch(/^ +io_uring_enter$/m);
  });
});
