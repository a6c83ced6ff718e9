import { describe, expect, test } from "vitest";
import { MemoryFiles } from "../../tests/fixtures/memory-files.ts";
import { RuleFiles, readMapLine } from "./rule-files.ts";

const FILES = new MemoryFiles({
  "/etc/a.lst": "one\ntwo",
  "/lists/b.map": "x 1\n# no\n y\t2 3 \n",
});

describe("RuleFiles", () => {
  test("reads what was asked for, once, from the folder of the configuration", async () => {
    const files = new RuleFiles("/etc", FILES);
    const { lines, entries } = files.surroundings;
    expect(await files.readAsked()).toBe(false);
    expect([lines("a.lst"), entries("/lists/b.map"), lines("c.lst")]).toEqual([[], [], []]);
    expect(await files.readAsked()).toBe(true);
    expect(lines("a.lst")).toEqual(["one", "two"]);
    expect(lines("a.lst")).toBe(lines("a.lst"));
    expect(entries("/lists/b.map")).toEqual([
      { key: "x", value: "1" },
      { key: "y", value: "2 3" },
    ]);
    expect(entries("/lists/b.map")).toBe(entries("/lists/b.map"));
    expect([lines("c.lst"), entries("c.lst")]).toEqual([null, null]);
    expect(await files.readAsked()).toBe(false);
  });
});

test.each([
  ["a b", [{ key: "a", value: "b" }]],
  ["  a\tb c  ", [{ key: "a", value: "b c" }]],
  ["# a b", []],
  ["alone", []],
  ["", []],
])("readMapLine takes %j", (line, entries) => {
  expect(readMapLine(line)).toEqual(entries);
});
