import { expect, it } from "vitest";
import { bindReasonOf, bindReasonOfError } from "./bind-reason.ts";

it("puts what the system says into words", () => {
  expect(bindReasonOf("EADDRINUSE")).toBe("is in use");
  expect(bindReasonOf("EADDRNOTAVAIL")).toBe("does not belong to this machine");
});

it("leaves what it does not know to the system's own words", () => {
  expect(bindReasonOf("EPROTO")).toBeNull();
  expect(bindReasonOfError(new Error("something else"))).toBeNull();
  expect(bindReasonOfError("no error at all")).toBeNull();
});

it("knows the errors of Node by their code", () => {
  expect(bindReasonOfError(Object.assign(new Error("listen"), { code: "EADDRINUSE" }))).toBe(
    "is in use",
  );
});
