import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { KeptPrinter } from "../../tests/fixtures/kept-printer.ts";
import { runProgram } from "./program.ts";

async function completion(shell: string): Promise<string> {
  const printer = new KeptPrinter();
  expect(await runProgram(["ctl", "completion", shell], printer)).toBe(0);
  return printer.printed.join("\n");
}

/** What bash offers behind these words. */
async function offered(...words: readonly string[]): Promise<string[]> {
  const script = `${await completion("bash")}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})
COMP_CWORD=${words.length - 1}
_fairlead
printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["-c", script], { encoding: "utf8" }).split("\n").filter(Boolean);
}

describe("writeCompletion", () => {
  it("offers bash what may follow", async () => {
    expect(await offered("fairlead", "c")).toEqual(["check", "convert", "ctl"]);
    expect(await offered("fairlead", "ctl", "server", "")).toEqual(
      expect.arrayContaining(["ready", "drain", "maint", "weight"]),
    );
    expect(await offered("fairlead", "ctl", "--json", "conns", "--t")).toEqual(["--top"]);
    expect(await offered("fairlead", "ctl", "broker", "")).toContain("stats");
  });

  it("offers what an option takes", async () => {
    const empty = ["fairlead", "ctl", "server", "empty"];
    expect(await offered(...empty, "brokers/b1", "--w")).toEqual(["--wait", "--wills"]);
    const reasons = ["use-another-server", "server-moved"];
    expect(await offered(...empty, "--reason", "")).toEqual(reasons);
    expect(await offered(...empty, "--wills", "d")).toEqual(["discarded"]);
    expect(await completion("zsh")).toContain(
      '"fairlead ctl server empty --wills") known=(published discarded) ;;',
    );
    expect(await completion("fish")).toContain(
      `'__fairlead_at "fairlead ctl server empty"' -l wills -x -a 'published discarded'`,
    );
  });

  it("knows zsh and fish, and no other", async () => {
    expect(await completion("zsh")).toMatch(/^#compdef fairlead\n/);
    expect(await completion("fish")).toContain(`__fairlead_at "fairlead ctl server"`);
    expect(await runProgram(["ctl", "completion", "tcsh"], new KeptPrinter())).toBe(2);
  });
});
