import { expect, it } from "vitest";
import { drawTable } from "./table.ts";
import { textOf, type VNode } from "./vnode.ts";

const COLUMNS = [
  { heading: "Name", cell: (row: string) => row },
  { heading: "Length", kind: "number" as const, cell: (row: string) => row.length },
];

function draw(rows: readonly string[], rowsMax?: number): VNode {
  const limit = rowsMax === undefined ? {} : { rowsMax };
  const keyOf = (row: string) => row;
  return drawTable({ caption: "Words", columns: COLUMNS, rows, keyOf, empty: "None.", ...limit });
}

function find(node: VNode, tag: string): VNode[] {
  const below = node.children.flatMap((child) =>
    typeof child === "string" ? [] : find(child, tag),
  );
  return node.tag === tag ? [node, ...below] : below;
}

it("has a caption, headings of columns and rows, and their names on each cell", () => {
  const table = draw(["one", "three"]);
  expect(textOf(find(table, "caption")[0]!)).toBe("Words");
  expect(find(table, "th").map(({ attributes }) => attributes["scope"])).toEqual([
    "col",
    "col",
    "row",
    "row",
  ]);
  expect(find(table, "td").map(({ attributes }) => attributes["data-label"])).toEqual([
    "Length",
    "Length",
  ]);
});

it("says that there is nothing, and how many rows are left out", () => {
  expect(textOf(draw([]))).toBe("None.");
  expect(textOf(draw(["a", "b", "c"], 1))).toContain("and 2 more");
});
