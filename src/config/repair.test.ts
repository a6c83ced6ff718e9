import { describe, expect, test } from "vitest";
import { loadYaml } from "./load-yaml.ts";
import { nodeAt, type Path, toPlain } from "./raw-document.ts";
import { repair } from "./repair.ts";

function repaired(text: string, ...paths: Path[]) {
  const { root } = loadYaml({ file: "x", text }, {});
  return repair(
    root!,
    paths.map((path) => ({ kind: "value", path })),
  );
}

describe("repair", () => {
  test("leaves out what is wrong and keeps the rest", () => {
    const root = repaired(
      "workers: 0\nlog: { level: x, access: true }\n",
      ["workers"],
      ["log", "level"],
    );
    expect(toPlain(root!)).toEqual({ log: { access: true } });
  });

  test("leaves out several items of a list at once", () => {
    const text = "pools: { p: { servers: [a, b, c, d] } }";
    const servers = ["pools", "p", "servers"];
    const root = repaired(text, [...servers, 0], [...servers, 2]);
    expect(toPlain(nodeAt(root!, servers)!)).toEqual(["b", "d"]);
  });

  test("puts a placeholder where a required key is missing", () => {
    const root = repaired("listeners: { a: {} }", ["listeners", "a", "pool"], ["pools"]);
    const pool = nodeAt(root!, ["listeners", "a", "pool"]);
    expect(pool).toMatchObject({ placeholder: true, path: ["listeners", "a", "pool"] });
    expect(nodeAt(root!, ["pools"])).toMatchObject({ kind: "map", placeholder: true });
  });

  test("has no way out when the whole file is the mistake", () => {
    expect(repaired("[1, 2]", [])).toBeNull();
  });
});
