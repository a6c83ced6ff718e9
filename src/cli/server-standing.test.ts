import { expect, it } from "vitest";
import { formatStanding, formatStandingAndRole } from "./server-standing.ts";

it.each([
  ["ready", "UP", "UP 1/3", "UP 1/3"],
  ["drain", "UP", "UP", "drain"],
  ["drain", "DOWN", "DOWN", "DOWN, drain"],
  ["maintenance", "DOWN", "DOWN", "maintenance"],
] as const)("a server that is %s and %s (%s) stands as %s", (admin, state, status, words) => {
  expect(formatStanding({ admin, state, status })).toBe(words);
});

it("says of a backup that it is one", () => {
  const server = { admin: "ready", state: "UP", status: "UP" } as const;
  expect(formatStandingAndRole({ ...server, backup: true })).toBe("UP, backup");
  expect(formatStandingAndRole({ ...server, backup: false })).toBe("UP");
});
