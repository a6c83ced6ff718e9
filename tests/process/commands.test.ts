import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runFairlead } from "./fairlead.ts";
import { freePort } from "./ports.ts";

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

describe("fairlead run", () => {
  it("says which key moves the pages, whose address most files leave out", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const folder = mkdtempSync(join(tmpdir(), "fairlead-commands-"));
    const file = join(folder, "fairlead.yaml");
    const listener = `{ listen: "127.0.0.1:${await freePort()}", pool: p }`;
    writeFileSync(
      file,
      `admin: { listen: "127.0.0.1:${port}" }\nlisteners: { a: ${listener} }\n` +
        'pools: { p: { servers: ["192.0.2.1:1883"] } }\n',
    );
    const { exitCode, stderr } = await runFairlead("run", file);
    server.close();
    rmSync(folder, { recursive: true });
    expect([exitCode, stderr]).toEqual([
      1,
      `Cannot bind admin: address 127.0.0.1:${port} is in use; ` +
        "the key admin.listen says another address\n",
    ]);
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
