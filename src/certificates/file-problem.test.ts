import { expect, it } from "vitest";
import { fileProblemOf } from "./file-problem.ts";

it("has words for what the file system says", () => {
  const message = "ENOENT: no such file or directory, open '/none'";
  expect(fileProblemOf(Object.assign(new Error(message), { code: "ENOENT" }))).toBe("no such file");
});

it("leaves the rest as it is", () => {
  expect(fileProblemOf(new Error("it is odd"))).toBe("it is odd");
  expect(fileProblemOf("odd")).toBe("odd");
});
