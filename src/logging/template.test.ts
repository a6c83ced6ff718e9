import { expect, it } from "vitest";
import { endedConnection } from "../../tests/fixtures/ended-connection.ts";
import { joinPieces } from "./template.ts";

it("puts texts and what is looked up together, in order", () => {
  const compiled = joinPieces(["a", ({ pool }) => pool ?? "", "b", (_, { host }) => host]);
  if (compiled.problem !== null) throw new Error(compiled.problem.message);
  const sender = { host: "gate", tag: "", pid: 0 };
  expect(compiled.make(endedConnection(), sender)).toBe("abrokersbgate");
});
