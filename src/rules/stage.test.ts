import { expect, it } from "vitest";
import { isKnownAt, laterStage } from "./stage.ts";

it("what is known at a stage is known at every later one", () => {
  expect(isKnownAt("accept", "connect")).toBe(true);
  expect(isKnownAt("tls", "tls")).toBe(true);
  expect(isKnownAt("connect", "accept")).toBe(false);
});

it("laterStage is the later one, whichever comes first", () => {
  expect([laterStage("tls", "accept"), laterStage("accept", "relaying")]).toEqual([
    "tls",
    "relaying",
  ]);
});
