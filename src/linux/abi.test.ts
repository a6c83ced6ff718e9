import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findProgram } from "../../tests/process/peer-program.ts";
import { AssertionFailure } from "../assert.ts";
import * as abi from "./abi.ts";
import * as uringAbi from "./uring-abi.ts";

const PROBE = fileURLToPath(new URL("../../scripts/abi-probe.js", import.meta.url));

/** What abi.ts and uring-abi.ts say, flat: `EPOLLIN`, `sockaddrIn.port`; every export of them. */
function declared(architecture: string): Record<string, number> {
  const rows: Record<string, number> = {};
  for (const [name, value] of [...Object.entries(abi), ...Object.entries(uringAbi)]) {
    if (typeof value === "number") rows[name] = value;
    else if (value === abi.errno) Object.assign(rows, value);
    else if (value === abi.epollEventLayouts) addFields(rows, "epollEvent", value[architecture]!);
    else if (typeof value === "object") addFields(rows, name, value);
  }
  return rows;
}

function addFields(rows: Record<string, number>, name: string, layout: object): void {
  for (const [field, at] of Object.entries(layout)) rows[`${name}.${field}`] = at as number;
}

/** What the headers say, asked with scripts/abi-probe.js. */
function probed(mode: "run" | "read", compiler: string): Record<string, number> {
  const args = [PROBE, mode, findProgram(compiler), ...Object.keys(declared("x64"))];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

describe("abi", () => {
  it("agrees with the C compiler on this machine, row by row", () => {
    expect(declared(process.arch)).toEqual(probed("run", "gcc"));
  });

  it("agrees with the C compiler for arm64, row by row", () => {
    expect(declared("arm64")).toEqual(probed("read", "aarch64-linux-gnu-gcc"));
  });

  it("is read out of the assembly as a program of this machine has it", () => {
    expect(probed("read", "gcc")).toEqual(probed("run", "gcc"));
  });
});

describe("epollEventLayout", () => {
  it("is packed on x86-64 alone", () => {
    expect(abi.epollEventLayout("x64")).toEqual({ size: 12, events: 0, data: 4 });
    expect(abi.epollEventLayout("arm64")).toEqual({ size: 16, events: 0, data: 8 });
  });

  it("knows no third processor", () => {
    expect(() => abi.epollEventLayout("riscv64")).toThrow(AssertionFailure);
  });
});

describe("errnoName", () => {
  it("takes a number with either sign", () => {
    expect(abi.errnoName(111)).toBe("ECONNREFUSED");
    expect(abi.errnoName(-111)).toBe("ECONNREFUSED");
  });

  it("says a number it has no name for", () => {
    expect(abi.errnoName(-200)).toBe("errno 200");
  });
});
