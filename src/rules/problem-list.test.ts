import { expect, it } from "vitest";
import { ProblemList } from "./problem-list.ts";

it("ProblemList gives a plan unless there are errors", () => {
  const list = new ProblemList();
  list.notice(1, 2, "Left out a blank");
  expect([list.hasErrors, list.finish("plan").plan]).toEqual([false, "plan"]);
  list.addAll([{ severity: "error", at: 3, length: 1, message: "Cannot read it" }]);
  list.error(0, 1, "Cannot read this either");
  expect([list.hasErrors, list.finish("plan").plan, list.problems.length]).toEqual([true, null, 3]);
});
