import { describe, expect, it } from "vitest";
import { ProblemError, problemOf } from "./problem.ts";

describe("problemOf", () => {
  it("hands our own sentence on", () => {
    const problem = problemOf(new ProblemError(404, "There is no such page"));
    expect(problem).toEqual({ status: 404, title: "Not Found", detail: "There is no such page" });
  });

  it("keeps what the client did wrong", () => {
    const error = Object.assign(new Error("Cannot parse the URL"), { statusCode: 400 });
    expect(problemOf(error)).toMatchObject({ status: 400, detail: "Cannot parse the URL" });
  });

  it("tells nobody what went wrong inside", () => {
    const problem = problemOf(new Error("secret of the house"));
    expect(problem.status).toBe(500);
    expect(JSON.stringify(problem)).not.toContain("secret");
  });
});
