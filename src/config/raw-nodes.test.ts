// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are part of what is tested
import { describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { toPlain } from "./raw-document.ts";
import { convertNodes } from "./raw-nodes.ts";

function convert(text: string, limits = { nodesMax: 100, nestingMax: 10 }) {
  const told: string[] = [];
  const node = convertNodes(parseDocument(text, { uniqueKeys: false }).contents!, {
    ...limits,
    text,
    environment: { NAME: "value" },
    report: (offset, message) => told.push(`${offset} ${message}`),
    positionOf: (offset) => ({ line: 1, column: offset + 1 }),
  });
  return { node, plain: toPlain(node), told };
}

describe("convertNodes", () => {
  test("keeps the first of two keys and says where it is", () => {
    const { plain, told } = convert("{ a: 1, b: 2, a: 3 }");
    expect(plain).toEqual({ a: 1, b: 2 });
    expect(told).toEqual(['14 "a" stands twice in one mapping, first in line 1']);
  });

  test("takes keys that are numbers by what they look like, and no other keys", () => {
    expect(convert("{ 0123: a, true: b }").plain).toEqual({ "0123": "a", true: "b" });
    expect(convert("{ [a]: b, c: d }").told).toEqual(["2 the key is no text"]);
  });

  test("replaces references in values and leaves keys alone", () => {
    const { plain } = convert("$NAME: x\n'${NAME}': '${NAME}'\n".replaceAll("$NAME", "k"));
    expect(plain).toEqual({ k: "x", [`\${NAME}`]: "value" });
  });

  test("makes a placeholder of what cannot be read and reads the rest", () => {
    const { node, told } = convert("a: *nowhere\nb: 1\n");
    expect(told).toEqual(['3 the alias "*nowhere" leads nowhere']);
    expect(node.kind === "map" && node.entries.get("a")).toMatchObject({ placeholder: true });
    expect(node.kind === "map" && node.entries.get("b")).toMatchObject({ value: 1 });
  });

  test("merges several mappings, the first before the second", () => {
    const text = "x: &x { a: 1 }\ny: &y { a: 2, b: 3 }\nz:\n  <<: [*x, *y]\n";
    expect(convert(text).plain).toMatchObject({ z: { a: 1, b: 3 } });
    expect(convert("z:\n  <<: 5\n").told).toEqual(["9 << merges no mapping"]);
  });

  test("says once that there is too much", () => {
    expect(convert("[1, 2, 3, 4, 5]", { nodesMax: 3, nestingMax: 9 }).told).toEqual([
      "7 the file has too many values",
    ]);
    expect(convert("[[[1]]]", { nodesMax: 9, nestingMax: 2 }).told).toEqual([
      "3 the nesting is too deep",
    ]);
  });
});
