import fc from "fast-check";
import { expect, test } from "vitest";
import { loadYaml } from "./load-yaml.ts";
import { type RawMap, toPlain } from "./raw-document.ts";
import { writeYaml } from "./write-yaml.ts";

const NOTHING = { above: new Map(), head: [], trailing: [] };

function load(text: string): RawMap {
  const { root, diagnostics } = loadYaml({ file: "x.yaml", text }, {});
  expect(diagnostics).toEqual([]);
  if (root?.kind !== "map") throw new Error("Cannot read what was written");
  return root;
}

test("small mappings deep down stand on one line, with comments above what they belong to", () => {
  const text =
    "pools:\n  a:\n    dial: { timeout: 5s }\n" +
    "    servers:\n      - { name: x }\n      - { name: y }\n";
  const root = load(text);
  expect(writeYaml(root, NOTHING)).toBe(text);
  const servers = [...load(text).entries.values()][0]!;
  expect(servers.kind).toBe("map");
  const pool = root.entries.get("pools")!;
  const above = new Map([[pool, ["of pools", "", "in two parts"]]]);
  const written = writeYaml(root, { above, head: ["top"], trailing: ["end"] });
  expect(written).toMatch(/^# top\n\n# of pools\n\n# in two parts\npools:\n[\s\S]*\n\n# end\n$/);
});

test("blanks before a line break stay", () => {
  const text = 'pools:\n  a:\n    - " \\n"\n';
  expect(toPlain(load(writeYaml(load(text), NOTHING)))).toEqual({ pools: { a: [" \n"] } });
});

test("what it writes is read as the same document", () => {
  const text = fc.string({
    unit: fc.constantFrom(..."ab: #\"'\\\n\t{}[]$-,&*!|>%@`0.~".split("")),
    maxLength: 12,
  });
  const value = fc.oneof(
    text,
    fc.integer(),
    fc.boolean(),
    fc.constantFrom("", "no", "1883", "1.20", `\${X}`),
  );
  const leaf = fc.dictionary(fc.constantFrom("a", "b", "c"), value, { minKeys: 1 });
  const document = fc.dictionary(fc.constantFrom("p", "q"), fc.oneof(value, leaf, fc.array(leaf)), {
    minKeys: 1,
  });
  fc.assert(
    fc.property(document, (plain) => {
      const written = writeYaml(rawOf(plain), NOTHING);
      expect(toPlain(load(written))).toEqual(plain);
    }),
    { numRuns: 500 },
  );
});

function rawOf(plain: Record<string, unknown>): RawMap {
  const convert = (
    value: unknown,
    path: readonly (string | number)[],
  ): RawMap["entries"] extends ReadonlyMap<string, infer Node> ? Node : never => {
    const at = { line: 1, column: 1 };
    const place = { at, keyAt: at, path };
    if (Array.isArray(value)) {
      return { ...place, kind: "list", items: value.map((item, i) => convert(item, [...path, i])) };
    }
    if (typeof value === "object" && value !== null) {
      const entries = Object.entries(value).map(([k, v]) => [k, convert(v, [...path, k])] as const);
      return { ...place, kind: "map", entries: new Map(entries) };
    }
    return { ...place, kind: "scalar", value: value as string, source: String(value) };
  };
  return convert(plain, []) as RawMap;
}
