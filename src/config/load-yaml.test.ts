// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are part of what is tested
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadYaml, NODES_MAX, TEXT_SIZE_MAX } from "./load-yaml.ts";
import { formatPath, nodeAt, toPlain } from "./raw-document.ts";

function load(text: string, environment: Record<string, string> = {}) {
  return loadYaml({ file: "x.yaml", text }, environment);
}

function messages(text: string): readonly string[] {
  return load(text).diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe("loadYaml", () => {
  test("gives every node its place, its key's place and its path", () => {
    const { root } = load("a:\n  - b: 1\n    c: [x, yy]\n");
    const node = nodeAt(root!, ["a", 0, "c", 1])!;
    expect(node).toMatchObject({ kind: "scalar", value: "yy", at: { line: 3, column: 12 } });
    expect(formatPath(node.path)).toBe("a[0].c[1]");
    expect(nodeAt(root!, ["a", 0, "c"])?.keyAt).toEqual({ line: 3, column: 5 });
    expect(nodeAt(root!, ["a", 1])).toBeUndefined();
  });

  test("reads a byte order mark, Windows line ends and comments", () => {
    const { root, diagnostics } = load("\uFEFF# x\r\na: 1\r\nb: two # y\r\n");
    expect(diagnostics).toEqual([]);
    expect(toPlain(root!)).toEqual({ a: 1, b: "two" });
    expect(nodeAt(root!, ["b"])?.at).toEqual({ line: 3, column: 4 });
  });

  test("keeps what a number looked like, for keys that take text", () => {
    const node = nodeAt(load("a: 0123\n").root!, ["a"]);
    expect(node).toMatchObject({ value: 123, other: "0123" });
  });

  test("replaces references, and keeps the number that came out as another reading", () => {
    const { root } = load("a: ${N}\nb: '${N}'\nc: x${N}\n", { N: "4" });
    expect(nodeAt(root!, ["a"])).toMatchObject({ value: "4", other: 4 });
    expect(nodeAt(root!, ["b"])).toMatchObject({ value: "4", other: 4 });
    expect(nodeAt(root!, ["c"])).toMatchObject({ value: "x4" });
    expect(nodeAt(root!, ["c"])).not.toHaveProperty("other");
  });

  test("reports a variable that is not set where it stands, quotes and escapes aside", () => {
    expect(messages("a: 'x ${NO}'\nb: \"$${A}${B}\"\n")).toEqual([
      '1:7 environment variable "NO" is not set',
      '2:10 environment variable "B" is not set',
    ]);
  });

  test("follows aliases and merge keys; what stands in the mapping itself wins", () => {
    const { root, diagnostics } = load(
      "base: &base { x: 1, y: 2 }\none: *base\ntwo:\n  <<: *base\n  y: 3\n",
    );
    expect(diagnostics).toEqual([]);
    expect(toPlain(root!)).toEqual({
      base: { x: 1, y: 2 },
      one: { x: 1, y: 2 },
      two: { x: 1, y: 3 },
    });
  });

  test("refuses aliases that lead to themselves, through others too", () => {
    expect(messages("a: &a [*a]\n")).toEqual(['1:8 the alias "*a" leads to itself']);
    expect(messages("a: &a { b: &b { c: *a } }\n")).toEqual([
      '1:20 the alias "*a" leads to itself',
    ]);
  });

  test("survives a bomb of aliases", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 12; i++) {
      const aliases = new Array(9).fill(`*a${i - 1}`).join(", ");
      lines.push(`a${i}: &a${i} [${aliases}]`);
    }
    const found = messages(lines.join("\n"));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain("too many values");
  });

  test("survives nesting that would end the process", () => {
    for (const text of ["[".repeat(50_000), "- ".repeat(50_000), "{a: ".repeat(50_000)]) {
      expect(messages(text)).toEqual([expect.stringContaining("the nesting is too deep")]);
    }
  });

  test("bounds nesting that only aliases make deep", () => {
    const lines = ["a0: &a0 x"];
    for (let i = 1; i < 50; i++) lines.push(`a${i}: &a${i} [*a${i - 1}]`);
    expect(messages(lines.join("\n"))[0]).toContain("the nesting is too deep");
  });

  test("refuses a text that is too long", () => {
    expect(messages("#".repeat(TEXT_SIZE_MAX + 1))[0]).toContain(`${TEXT_SIZE_MAX + 1} characters`);
  });

  test("takes as many values as it says", () => {
    // An alias of a list of 998 counts a thousand: the text itself stays short.
    const thousand = `&a [${new Array(998).fill("x").join(",")}]`;
    const thousands = new Array(NODES_MAX / 1000 - 2).fill("*a").join(",");
    const items = (count: number) =>
      `a: [${thousand},${thousands},${new Array(count).fill("x").join(",")}]`;
    expect(messages(items(999))).toEqual([]);
    expect(messages(items(1000))).toHaveLength(1);
  });

  test.each(["", "\n", "# nothing\n", "---\n", "---\n...\n"])("%j is an empty file", (text) => {
    expect(load(text).root).toBeNull();
    expect(messages(text)).toEqual(["1:1 the file is empty"]);
  });

  test("says from which line on the text is broken", () => {
    expect(load("a: 1\nb: [\nc: 1\n").brokenFromLine).toBe(3);
    expect(load("a: 1\n").brokenFromLine).toBe(Number.POSITIVE_INFINITY);
  });

  test("answers any text with nodes or mistakes, and never throws", () => {
    const unit = fc.constantFrom(..."ab:-[]{}&*!|>'\"%@`#,? \t\n${}<0.".split(""));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
        const { root, diagnostics } = load(text);
        expect(root !== null || diagnostics.length > 0).toBe(true);
        for (const { line, column } of diagnostics) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(column).toBeGreaterThanOrEqual(1);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
