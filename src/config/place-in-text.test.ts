// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are what is tested
import { describe, expect, test } from "vitest";
import { loadYaml } from "./load-yaml.ts";
import { placeInText } from "./place-in-text.ts";
import { nodeAt } from "./raw-document.ts";

/** Where the word `here` of the text under `key` is found, and where it really stands. */
function find(yaml: string): { found: string; stands: string } {
  const { root } = loadYaml({ file: "test.yaml", text: yaml }, { NAME: "a long name" });
  const node = root === null ? undefined : nodeAt(root, ["key"]);
  if (node?.kind !== "scalar") throw new Error("Cannot find a text under key");
  const { line, column } = placeInText(node, String(node.value).indexOf("here"));
  const before = yaml.slice(0, yaml.indexOf("here")).split("\n");
  return {
    found: `${line}:${column}`,
    stands: `${before.length}:${before.at(-1)!.length + 1}`,
  };
}

describe("placeInText", () => {
  test.each([
    ["plain", "key: some words here"],
    ["plain, at the beginning", "key: here"],
    ["plain, of several lines", "key: some words\n  and more of them\n  here"],
    ["plain, with an empty line", "key: some words\n\n  and more\n  here"],
    ["single quotes", "key: 'it''s not '' here'"],
    ["single quotes, of several lines", "key: 'some words\n  and here'"],
    ["double quotes", 'key: "a \\" b \\x41 \\u0041 \\n here"'],
    ["double quotes, of several lines", 'key: "some words\n  and here"'],
    ["double quotes, joined lines", 'key: "some wor\\\n    ds and here"'],
    ["a block of lines", "key: |\n  some words\n    deeper\n  and here"],
    ["deep in a block of lines", "key: |\n  some words\n      here"],
    ["a block of lines, with empty ones", "key: |-\n\n  some words\n\n  here"],
    ["a folded block", "key: >-\n  some words\n  and more\n  here"],
    ["a folded block, with empty lines", "key: >\n  some words\n\n\n  and here"],
    ["an anchor before it", "key: &name some here"],
  ])("%s", (_, yaml) => {
    const { found, stands } = find(yaml);
    expect(found).toBe(stands);
  });

  test("points at the beginning of what a reference has moved", () => {
    expect(find("key: ${NAME} here").found).toBe("1:6");
  });

  test("goes by the pieces that a text was made of", () => {
    const at = (column: number) => ({ file: "a.cfg", line: 3, column });
    const pieces = [
      { from: 0, at: at(5), isFixed: false },
      { from: 7, at: at(20), isFixed: true },
    ];
    const path = ["key"];
    const text = "reject 'if'";
    const node = { kind: "scalar", value: text, source: text, at: at(5), keyAt: at(1) } as const;
    const placed = { ...node, path, pieces };
    expect(placeInText(placed, 2)).toEqual(at(7));
    expect(placeInText(placed, 9)).toEqual(at(20));
  });
});
