import { expect, test } from "vitest";
import { emptyScope, givenOf } from "../../../tests/fixtures/nginx-document.ts";
import { LookedUpVariables } from "./looked-up.ts";

test("each server has its own variables, each once", () => {
  const lookedUp = new LookedUpVariables();
  const [one, other] = [emptyScope(), emptyScope()];
  const variable = { name: "a", kind: "map", given: givenOf("map $x $a") } as const;
  lookedUp.ask(one, variable);
  lookedUp.ask(one, variable);
  expect(lookedUp.askedBy(one)).toEqual([variable]);
  expect(lookedUp.askedBy(other)).toEqual([]);
});
