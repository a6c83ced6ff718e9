import { expect, it } from "vitest";
import { alignColumns } from "./text-table.ts";

it("makes columns as wide as they must be and leaves no space at the end", () => {
  const rows = [
    ["server", "state", "now"],
    ["node1", "UP", 4],
    ["a-longer-name", "DOWN", ""],
  ];
  expect(alignColumns(rows)).toEqual([
    "server         state  now",
    "node1          UP     4",
    "a-longer-name  DOWN",
  ]);
});
