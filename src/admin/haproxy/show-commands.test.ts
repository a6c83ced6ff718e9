import { expect, it } from "vitest";
import { fromSessionId, SHOW_COMMANDS } from "./show-commands.ts";

it("SHOW_COMMANDS look and change nothing: none of them takes an admin", () => {
  expect(SHOW_COMMANDS.map(({ level }) => level)).not.toContain("admin");
  expect(new Set(SHOW_COMMANDS.map(({ words }) => words)).size).toBe(SHOW_COMMANDS.length);
});

it("fromSessionId gives the id of a connection, or one that nobody has", () => {
  expect(fromSessionId("0x000100000a0000000f")).toBe("1-10-15");
  for (const text of ["", "0x1", "1-10-15"]) expect(fromSessionId(text)).toBe("");
});
