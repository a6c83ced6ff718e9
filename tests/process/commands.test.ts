import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runFairlead } from "./fairlead.ts";

describe("fairlead", () => {
  it("shows help on standard output and ends with 0", async () => {
    const { exitCode, stdout, stderr } = await runFairlead("--help");
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Usage: fairlead /);
    for (const command of ["up", "run", "check", "ctl"]) expect(stdout).toContain(`  ${command} `);
  });

  it("is a program of its own, as npx calls it", () => {
    const program = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
    const { error, stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
    expect(error).toBeUndefined();
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("ends with 2 for a command line that makes no sense", async () => {
    const { exitCode, stdout, stderr } = await runFairlead("up", "--port", "many");
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("--port");
  });

  it("ends with 1 when there is nobody to ask", async () => {
    const { exitCode, stderr } = await runFairlead(
      "ctl",
      "--admin",
      "127.0.0.1:1",
      "broker",
      "stats",
    );
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Cannot reach 127\.0\.0\.1:1: .+; is Fairlead running/);
  });
});

describe("npm run bench", () => {
  const bench = (...args: readonly string[]) => {
    const script = fileURLToPath(new URL("../../bench/run.js", import.meta.url));
    return spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
  };

  it("shows what may follow it, and ends with 2 for what may not", () => {
    const help = bench("--help");
    expect(help).toMatchObject({ status: 0, stderr: "" });
    expect(help.stdout).toMatch(/--quick .*--only NAMES .*Workloads: .*ping-200.*Proxies: /s);
    for (const args of [["--no-such"], ["--only", "no-such"]]) {
      const { status, stdout, stderr } = bench(...args);
      expect([status, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/no-such.*\n\(npm run bench -- --help shows what there is\)\n$/);
    }
  });
});
