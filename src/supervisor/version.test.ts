import { expect, it } from "vitest";
import { VERSION } from "./version.ts";

it("VERSION is three numbers", () => {
  expect(VERSION).toMatch(/^\d+\.\d+\.\d+/);
});
