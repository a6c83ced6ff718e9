import { expect, it } from "vitest";
import { CHANGE_COMMANDS } from "./change-commands.ts";

it("CHANGE_COMMANDS take an admin, but for those that are answered and change nothing", () => {
  const others = CHANGE_COMMANDS.filter(({ level }) => level !== "admin");
  expect(others.map(({ words }) => words)).toEqual(["set timeout cli", "clear counters"]);
});
