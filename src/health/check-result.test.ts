import { expect, it } from "vitest";
import { failure } from "./check-result.ts";

it("failure is a finding that speaks against the server", () => {
  expect(failure("L4CON", "connection refused")).toEqual({
    outcome: "failed",
    code: "L4CON",
    sentence: "connection refused",
  });
});
