import { describe, expect, it } from "vitest";
import { openProgram } from "./program.ts";

const open = (text: string) => openProgram({ file: "/nowhere/fairlead.config.js", text });
const names = { pools: new Map(), servers: new Map() };
const never = {} as never;

describe("openProgram", () => {
  it("knows which hooks there are, and their budget", () => {
    const program = open("exports.default = { pools: {}, onClose() {} }");
    expect(program.decides).toBe(false);
    expect(program.hearsOfEnds).toBe(true);
    expect(program.budgetMs).toBe(1);
    expect(program.tellEnd(never)).toBeNull();
  });

  it("makes values of whatever hooks throw", () => {
    const text = "exports.default = { onConnect() { throw null }, onClose() { throw Error('x') } }";
    const program = open(text);
    expect(program.decide(never, never, names, "")).toEqual({ kind: "fault", problem: "it threw" });
    expect(program.tellEnd(never)).toBe("it threw Error: x");
  });

  it("refuses everybody where the module itself fails", () => {
    const program = open("throw new Error('not here')");
    expect(program.decides).toBe(true);
    const judged = program.decide(never, never, names, "");
    expect(judged.kind === "fault" && judged.problem).toContain("not here");
  });
});
