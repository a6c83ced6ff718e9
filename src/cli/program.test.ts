import { describe, expect, it } from "vitest";
import { KeptPrinter } from "../../tests/fixtures/kept-printer.ts";
import { VERSION } from "../supervisor/version.ts";
import { runProgram } from "./program.ts";

async function run(...args: readonly string[]) {
  const printer = new KeptPrinter();
  const exitCode = await runProgram(args, printer);
  return { exitCode, out: printer.printed.join("\n"), err: printer.complaints.join("\n") };
}

describe("runProgram", () => {
  it("shows help and version on standard output", async () => {
    const help = await run("--help");
    expect([help.exitCode, help.err]).toEqual([0, ""]);
    for (const command of ["up", "run", "check", "ctl"])
      expect(help.out).toContain(`  ${command} `);
    expect(await run("--version")).toEqual({ exitCode: 0, out: VERSION, err: "" });
  });

  it("ends with 2 for a command line that makes no sense, and says what would", async () => {
    for (const args of [
      [],
      ["no-such-command"],
      ["run"],
      ["check", "--no-such-option"],
      ["up", "--port", "70000"],
      ["up", "--nodes", "0"],
      ["up", "--workers", "many"],
      ["ctl"],
      ["ctl", "server", "drain"],
    ]) {
      const { exitCode, out, err } = await run(...args);
      expect([args, exitCode, out]).toEqual([args, 2, ""]);
      expect(err).not.toBe("");
    }
    expect((await run("up", "--port", "70000")).err).toContain("whole number from 0 to 65535");
    expect((await run("chek")).err).toContain("Did you mean check?");
    for (const command of ["run", "check", "convert"]) {
      const { err } = await run(command);
      expect(err).toContain(`Name a configuration: fairlead ${command} FILE`);
    }
  });

  it("says what HAProxy's and nginx's command lines are here", async () => {
    for (const [typed, meant] of [
      ["-c -f haproxy.cfg", "fairlead check haproxy.cfg"],
      ["fairlead.yaml", "fairlead run fairlead.yaml"],
      ["servers", "fairlead ctl servers"],
    ] as const) {
      const { exitCode, err } = await run(...typed.split(" "));
      expect([exitCode, err.split("\n").at(-1)]).toEqual([2, `(Did you mean ${meant}?)`]);
    }
  });

  it("says that there is no help for what is no command", async () => {
    expect((await run("help", "chek")).err).toMatch(/\nThere is no command "chek"$/);
    expect((await run("ctl", "help", "nope")).err).toMatch(/\nThere is no command "nope"$/);
    expect((await run("ctl")).err).not.toContain("There is no command");
  });

  it("shows the way to the help of the command that was mistyped", async () => {
    for (const [args, path] of [
      [["chek"], "fairlead"],
      [["check", "--no-such"], "fairlead check"],
      [["ctl", "conn", "close"], "fairlead ctl conn close"],
      [["ctl", "server", "drian"], "fairlead ctl server"],
    ] as const) {
      expect((await run(...args)).err).toContain(`(${path} --help shows what there is)`);
    }
  });

  it("takes files as they are, behind -c as nginx does, behind -f as HAProxy does", async () => {
    for (const args of [["/none.yaml"], ["-c", "/none.yaml"], ["-f", "/none.yaml"]]) {
      for (const command of ["check", "run"]) {
        const { exitCode, out, err } = await run(command, ...args);
        expect([exitCode, out + err]).toEqual([1, 'Cannot read "/none.yaml": no such file']);
      }
    }
  });

  it("ends with 1 for a file that is not there", async () => {
    expect(await run("run", "-c", "/nonexistent/fairlead.yaml")).toMatchObject({
      exitCode: 1,
      err: 'Cannot read "/nonexistent/fairlead.yaml": no such file',
    });
    expect((await run("check", "-c", "/nonexistent/fairlead.yaml")).exitCode).toBe(1);
  });

  it("ends with 1 and a hint when nobody answers", async () => {
    const { exitCode, err } = await run("ctl", "--admin", "http://127.0.0.1:1", "status");
    expect(exitCode).toBe(1);
    expect(err).toContain("Cannot reach http://127.0.0.1:1");
    expect((await run("ctl", "status", "--admin", "http://127.0.0.1:1")).exitCode).toBe(1);
  });
});
