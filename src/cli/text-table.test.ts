import { expect, it } from "vitest";
import { alignColumns, atRight } from "./text-table.ts";

it("makes columns as wide as they must be and leaves no space at the end", () => {
  const rows = [
    ["server", "state", "now"],
    ["node1", "UP", 4],
    ["a-longer-name", "DOWN", ""],
  ];
  expect(alignColumns(rows)).toEqual([
    "server         state  now",
    "node1          UP       4",
    "a-longer-name  DOWN",
  ]);
});

it("puts numbers, and what stands for one, below each other", () => {
  const rows = [
    ["bytes", "left", "conns"],
    [atRight("12.3 KiB"), "x", 7],
    [atRight("9 B"), "y", 1_234],
  ];
  expect(alignColumns(rows)).toEqual([
    "   bytes  left  conns",
    "12.3 KiB  x         7",
    "     9 B  y      1234",
  ]);
});
