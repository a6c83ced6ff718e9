import { expect, test } from "vitest";
import { honoured, noticed, refused, tableOf } from "./directive-row.ts";
import { count } from "./grammar.ts";

test("several directives share what becomes of them", () => {
  const table = tableOf([
    honoured("a", "sv", count),
    ...noticed("b c", "m", "is old"),
    ...refused("d", "u", "is new", { harmless: "off" }),
  ]);
  expect([...table.keys()]).toEqual(["a", "b", "c", "d"]);
  expect(table.get("a")).toMatchObject({ isList: false, status: { kind: "honoured" } });
  expect(table.get("c")?.status).toEqual({ kind: "notice", reason: "is old" });
  expect(table.get("d")?.status).toMatchObject({ harmless: "off" });
});
