import { describe, expect, test } from "vitest";
import * as z from "zod";
import { formatDiagnostic } from "./diagnostic.ts";
import { loadYaml } from "./load-yaml.ts";
import { formatPath } from "./raw-document.ts";
import { explainIssue, readIssues } from "./schema-issue.ts";

function issuesOf(schema: z.ZodType, value: unknown): readonly string[] {
  const { error } = schema.safeParse(value);
  return readIssues(error?.issues ?? []).map(({ kind, path }) => `${kind} ${formatPath(path)}`);
}

describe("readIssues", () => {
  const server = z.strictObject({ name: z.string(), weight: z.int().max(3) });
  const either = z.strictObject({ list: z.array(z.union([z.string(), server])) });

  test("tells the issues of the alternative that was meant", () => {
    const value = { list: ["a", { name: 1, weight: 9, color: "red", size: 1 }, 7, null] };
    expect(issuesOf(either, value)).toEqual([
      "value list[1].name",
      "value list[1].weight",
      "unknown-key list[1].color",
      "unknown-key list[1].size",
      "value list[2]",
      "value list[3]",
    ]);
  });

  test("goes into unions inside unions", () => {
    const nested = z.union([z.boolean(), z.array(z.union([z.string(), server]))]);
    expect(issuesOf(nested, ["a", { name: "x", weight: 9 }])).toEqual(["value [1].weight"]);
    expect(issuesOf(nested, 5)).toEqual(["value "]);
  });
});

describe("explainIssue", () => {
  const { root } = loadYaml({ file: "x", text: "log:\n  levl: info\n  access: 5\n" }, {});
  const explain = (kind: "value" | "unknown-key", ...path: string[]) => {
    const diagnostic = explainIssue("x", root!, { kind, path });
    return diagnostic === null ? null : formatDiagnostic(diagnostic);
  };

  test("points at values, at unknown keys, and at what lacks a key", () => {
    expect(explain("value", "log", "access")).toBe(
      "x:3:11: log.access is 5, expected true, false or a mapping with the keys sample, only, " +
        "empty, reasons, listeners, faultLevel",
    );
    expect(explain("unknown-key", "log", "levl")).toBe(
      'x:2:3: unknown key "levl" in log, expected "level"',
    );
    expect(explain("value", "pools")).toContain('x:1:1: the file has no key "pools"');
  });

  test("is silent about placeholders", () => {
    const placeholder = { ...root!, placeholder: true };
    expect(explainIssue("x", placeholder, { kind: "value", path: [] })).toBeNull();
  });
});
