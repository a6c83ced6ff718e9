import { expect, it } from "vitest";
import { problemOfCode, problemOfError } from "./outlet-problem.ts";

it("has words for what keeps lines from going out", () => {
  expect(problemOfCode("ECONNREFUSED")).toBe("connection refused");
  const message = "ENOENT: no such file or directory, open '/none/x.log'";
  const error = Object.assign(new Error(message), { code: "ENOENT" });
  expect(problemOfError(error)).toBe("no such file or folder");
});

it("leaves what it has no words for as the system says it", () => {
  expect(problemOfCode("EPROTO")).toBe("EPROTO");
  expect(problemOfError(new Error("write after end"))).toBe("write after end");
  expect(problemOfError("gone")).toBe("gone");
});
