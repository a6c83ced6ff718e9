import { expect, test } from "vitest";
import { loadYaml } from "./load-yaml.ts";
import { formatPath, nearestNode, nodeAt, type RawNode, rebuild, toPlain } from "./raw-document.ts";

function read(text: string): RawNode {
  return loadYaml({ file: "x.yaml", text }, {}).root!;
}

test("formatPath writes paths as people do", () => {
  expect(formatPath([])).toBe("");
  expect(formatPath(["pools", "a", "servers", 1, "weight"])).toBe("pools.a.servers[1].weight");
});

test("nearestNode stops at the deepest node on the way", () => {
  const root = read("a:\n  b: 1\n");
  expect(nearestNode(root, ["a", "c", "d"])).toBe(nodeAt(root, ["a"]));
  expect(nearestNode(root, ["a", "b"])).toMatchObject({ value: 1 });
  expect(nearestNode(root, ["x"])).toBe(root);
});

test("nodeAt does not take the properties of objects for keys", () => {
  const root = read("a: 1\n");
  expect(nodeAt(root, ["constructor"])).toBeUndefined();
  expect(nodeAt(root, ["__proto__", "x"])).toBeUndefined();
});

test("toPlain keeps a key named __proto__ as a key", () => {
  expect(Object.keys(toPlain(read("__proto__: { a: 1 }\nb: 2\n")) ?? {})).toEqual([
    "__proto__",
    "b",
  ]);
});

test("rebuild leaves out and replaces, and leaves the original alone", () => {
  const root = read("a: [1, 2, 3]\nb: { c: 4, d: 5 }\n");
  const dropped = rebuild(root, (node) =>
    node.kind === "scalar" && [2, 4].includes(Number(node.value)) ? null : node,
  );
  expect(toPlain(dropped!)).toEqual({ a: [1, 3], b: { d: 5 } });
  expect(toPlain(root)).toEqual({ a: [1, 2, 3], b: { c: 4, d: 5 } });
  expect(rebuild(root, () => null)).toBeNull();
});
