import { expect, test } from "vitest";
import { type PlacedComment, placeComments } from "./place-comments.ts";
import type { RawMap, RawNode } from "./raw-document.ts";

const file = "x.cfg";
const place = (line: number, column = 1) => ({ file, line, column });

function scalar(line: number, path: readonly (string | number)[], column?: number): RawNode {
  const at = place(line, column);
  return { kind: "scalar", value: 1, source: "1", at, keyAt: at, path };
}

function map(
  line: number,
  path: readonly (string | number)[],
  entries: Record<string, RawNode>,
): RawMap {
  const at = place(line);
  return { kind: "map", entries: new Map(Object.entries(entries)), at, keyAt: at, path };
}

const idle = scalar(3, ["pools", "a", "idle"]);
const server = map(5, ["pools", "a", "servers", 0], { weight: scalar(5, [], 30) });
const check = scalar(5, ["pools", "a", "check"], 20);
const servers: RawNode = {
  ...{ kind: "list", items: [server], at: place(5, 10), keyAt: place(5, 10) },
  path: ["pools", "a", "servers"],
};
const pool = map(2, ["pools", "a"], { idle, check, servers });
const root = map(1, [], { pools: map(1, ["pools"], { a: pool }) });

const comment = (text: string, line: number, of = file): PlacedComment => {
  return { text, of: { file: of, line, column: 1 } };
};

test("a comment stands above what came from its line, or from the next one", () => {
  const { head, above, trailing } = placeComments(root, [
    comment("of the whole file", 0),
    comment("of the first line", 1),
    comment("of the pool", 2),
    comment("of the timeout", 3),
    comment("of nothing", 4),
    comment("of the server", 5),
    comment("of the end", 6),
    comment("of elsewhere", 1, "y.cfg"),
  ]);
  expect(head).toEqual(["of the whole file"]);
  expect(above.get(pool)).toEqual(["of the first line", "of the pool"]);
  expect(above.get(idle)).toEqual(["of the timeout"]);
  expect(above.get(server)).toEqual(["of nothing", "of the server"]);
  expect(above.size).toBe(3);
  expect(trailing).toEqual(["of the end", "of elsewhere"]);
});
