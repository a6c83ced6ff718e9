import { describe, expect, test } from "vitest";
import { BALANCE_ROWS } from "../balance/balance.ts";
import { HASH_TYPE_ROWS } from "../balance/hash-plan.ts";
import { documentSchema } from "./schema.ts";
import { findRow } from "./schema-walk.ts";

const choicesOf = (...path: string[]) => findRow(documentSchema, ["pools", "x", ...path])?.choices;

describe("the keys of balancing", () => {
  test("offer every algorithm and every type of hash that there is", () => {
    expect(choicesOf("balance")).toEqual(Object.keys(BALANCE_ROWS));
    expect(choicesOf("hash", "type")).toEqual(Object.keys(HASH_TYPE_ROWS));
  });

  test("offer every function that a type of hash goes with", () => {
    for (const { function: name } of Object.values(HASH_TYPE_ROWS)) {
      expect(choicesOf("hash", "function")).toContain(name);
    }
  });
});
