import { expect, it } from "vitest";
import { NodeBindError } from "./node-bind-error.ts";

it("is the same error again behind a channel between processes", () => {
  const failure = { message: "Cannot bind node1: it is in use", code: "EADDRINUSE", port: 11_883 };
  const { message, code, port } = new NodeBindError(failure, { cause: new Error("listen") });
  const told = JSON.parse(JSON.stringify({ message, code, port }));
  expect(new NodeBindError(told)).toMatchObject({ ...failure, name: "NodeBindError" });
});
