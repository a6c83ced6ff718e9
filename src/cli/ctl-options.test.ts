import { describe, expect, it } from "vitest";
import { KeptPrinter } from "../../tests/fixtures/kept-printer.ts";
import { targetOf } from "./ctl-options.ts";
import { runProgram } from "./program.ts";

describe("targetOf", () => {
  const env = { FAIRLEAD_URL: "http://a", FAIRLEAD_TOKEN: "t", FAIRLEAD_USER: "n:p" };

  it("takes options first, then the environment, then what is usual", () => {
    expect(targetOf({}, {})).toEqual({ url: "http://127.0.0.1:8888", authorization: null });
    expect(targetOf({}, env)).toEqual({ url: "http://a", authorization: "Bearer t" });
    expect(targetOf({ url: "http://b", token: "u" }, env)).toEqual({
      url: "http://b",
      authorization: "Bearer u",
    });
    expect(targetOf({ user: "a:b" }, env).authorization).toBe("Basic YTpi");
    expect(targetOf({ admin: "http://c" }, {}).url).toBe("http://c");
  });
});

describe("fairlead ctl", () => {
  it("has help for each command, with exit codes and variables", async () => {
    const help = async (...args: string[]) => {
      const printer = new KeptPrinter();
      expect(await runProgram(["ctl", ...args, "--help"], printer)).toBe(0);
      return printer.printed.join("\n");
    };
    const whole = await help();
    for (const word of ["FAIRLEAD_TOKEN", "Exit codes", "hash-password", "conns", "events"]) {
      expect(whole).toContain(word);
    }
    expect(await help("server")).toContain("POOL/SERVER");
    expect(await help("conns")).toContain("--top");
  });

  it("draws tokens without asking anybody", async () => {
    const printer = new KeptPrinter();
    expect(await runProgram(["ctl", "draw-token"], printer)).toBe(0);
    expect(printer.printed.join("\n")).toMatch(/fl_[\w-]{43}\n.*sha256:[0-9a-f]{64}$/);
  });
});
