import { expect, test } from "vitest";
import { nothing } from "./grammar.ts";
import { honoured, noticed, refused, tableOf } from "./keyword-row.ts";

test("rows of several keywords share their reason, and are found by name", () => {
  const table = tableOf([
    honoured("mode", "d", nothing),
    ...noticed("user, group\n chroot", "g", "is left out"),
    ...refused("option persist", "b", "cannot be"),
  ]);
  expect([...table.keys()]).toEqual(["mode", "user", "group", "chroot", "option persist"]);
  expect(table.get("chroot")!.status).toEqual({ kind: "notice", reason: "is left out" });
  expect(table.get("option persist")!.status.kind).toBe("refused");
});
