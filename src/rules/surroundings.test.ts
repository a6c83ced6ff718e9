import { expect, it } from "vitest";
import { NOTHING_AROUND } from "./surroundings.ts";

it("NOTHING_AROUND knows no acl, no file and no list", () => {
  const { acls, lines, entries } = NOTHING_AROUND;
  expect([acls.size, lines("a.lst"), entries("a.map")]).toEqual([0, null, null]);
});
