import { expect, it } from "vitest";
import * as z from "zod";
import { AnswerWithStatus, operation, withStatus } from "./operation.ts";

it("operation leaves out what a request has not", () => {
  const made = operation({
    method: "GET",
    path: "/x",
    id: "x",
    summary: "x",
    role: null,
    answer: z.null(),
    run: () => withStatus(503, null),
  });
  expect([made.params, made.query, made.body]).toEqual([null, null, null]);
  expect(withStatus(503, "a")).toEqual(new AnswerWithStatus(503, "a"));
});
