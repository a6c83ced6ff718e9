// `fairlead check -c FILE` as operators and editors run it, on the broken files of
// tests/golden/check.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { closeAtEnd } from "./close-at-end.ts";
import { runFairlead } from "./fairlead.ts";

const FOLDER = fileURLToPath(new URL("../golden/check/", import.meta.url));
const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));
/** Names for the machine's resolver, which knows none of these, and files that only a test has. */
const NEED_THEIR_OWN_WORLD = ["host-names.yaml", "certificates.yaml", "transports.yaml"];

const files = readdirSync(FOLDER).filter((name) => {
  return name.endsWith(".yaml") && !NEED_THEIR_OWN_WORLD.includes(name);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

function expectedLines(file: string): string[] {
  return readFileSync(join(FOLDER, file.replace(".yaml", ".txt")), "utf8")
    .trim()
    .split("\n");
}

describe("fairlead check", () => {
  it("has at least twelve broken files to say something about", () => {
    expect(files.length).toBeGreaterThanOrEqual(12);
  });

  it.each(files)("prints every mistake in %s with its line and column", async (file) => {
    for (const [name, value] of [
      ["WORKERS", "4"],
      ["REACTOR", "kqueue"],
      ["TEN", "10"],
    ] as const) {
      vi.stubEnv(name, value);
    }
    const path = join(FOLDER, file);
    const { exitCode, stdout, stderr } = await runFairlead("check", "-c", path);
    const lines = stdout.trim().replaceAll(FOLDER, "").split("\n");
    const expected = expectedLines(file);
    expect(lines.slice(0, -1)).toEqual(expected);
    const mistakes = expected.filter((line) => !/^[^ ]+ warning: /.test(line)).length;
    expect(exitCode).toBe(mistakes === 0 ? 0 : 1);
    const summary = mistakes === 0 ? "OK, " : `${mistakes} mistake`;
    expect(lines.at(-1)).toContain(`${file}: ${summary}`);
    expect(stderr).toBe("");
  });

  it("names the place of a host that no resolver knows", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-check-"));
    closeAtEnd({ close: () => rmSync(folder, { recursive: true }) });
    const file = join(folder, "fairlead.yaml");
    writeFileSync(
      file,
      [
        'listeners: { mqtt: { listen: "127.0.0.1:1883", pool: brokers } }',
        "pools:",
        "  brokers:",
        "    servers: [broker.invalid:1883]",
        "",
      ].join("\n"),
    );
    const { exitCode, stdout } = await runFairlead("check", "-c", file);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^\S+fairlead\.yaml:4:15: /);
    expect(stdout).toContain('"broker.invalid"');
  });

  it("says so when a file is not there", async () => {
    const { exitCode, stdout } = await runFairlead("check", "-c", join(FOLDER, "nowhere.yaml"));
    expect(exitCode).toBe(1);
    expect(stdout).toContain("nowhere.yaml");
  });

  it("finds nothing wrong with a file that can be run", async () => {
    const { exitCode, stdout } = await runFairlead("check", "-c", join(EXAMPLES, "plain.yaml"));
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/plain\.yaml: OK, 1 listener, 1 pool, 3 servers\n$/);
  });
});
