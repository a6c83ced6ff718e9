import { describe, expect, it } from "vitest";
import { evaluate } from "./evaluate.ts";

const run = (text: string) => evaluate({ file: "/nowhere/fairlead.config.js", text });

describe("evaluate", () => {
  it("tells settings from hooks", () => {
    const found = run(
      "exports.default = { workers: 2, pools: {}, onConnect() {}, hookBudgetMs: 0.5 }",
    );
    expect(found.settings).toEqual({ workers: 2, pools: {} });
    expect(found.hooks).toMatchObject({ hookBudgetMs: 0.5, onConnect: expect.any(Function) });
  });

  it("takes what CommonJS exports, and Node's own modules", () => {
    const text = 'module.exports = { pools: {}, file: require("node:path").basename(__filename) }';
    expect(run(text).settings).toMatchObject({ file: "fairlead.config.js" });
  });

  it.each([
    ["exports.x = 1; exports.default = 7", "its default export is no configuration"],
    ["", "its default export is no configuration"],
    ["exports.default = { onConnect: 7 }", "onConnect: it is no function"],
    ["exports.default = { async onClose() {} }", "onClose: it is asynchronous"],
    ["exports.default = { a: 1, hookBudgetMs: 0 }", "no number of milliseconds above 0"],
    ["throw new Error('mine')", "mine"],
  ])("throws what is wrong with %j", (text, problem) => {
    expect(() => run(text)).toThrow(problem);
  });
});
