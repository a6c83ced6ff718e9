import { expect, it } from "vitest";
import { integerValue, textValue } from "./value.ts";
import { Variables } from "./variables.ts";

it("Variables keeps values until they are unset or cleared", () => {
  const variables = new Variables();
  expect(variables.get("txn.a")).toBeNull();
  expect(variables.set("txn.a", textValue("x"))).toBe(true);
  variables.set("txn.a", integerValue(2));
  variables.set("txn.b", integerValue(3));
  expect(variables.get("txn.a")).toEqual(integerValue(2));
  variables.unset("txn.a");
  expect([variables.get("txn.a"), variables.get("txn.b")]).toEqual([null, integerValue(3)]);
  variables.clear();
  expect(variables.get("txn.b")).toBeNull();
});

it("Variables says when it is full, and keeps what it has", () => {
  const variables = new Variables();
  for (let i = 0; i < 64; i++) expect(variables.set(`txn.v${i}`, integerValue(i))).toBe(true);
  expect(variables.set("txn.more", integerValue(0))).toBe(false);
  expect(variables.set("txn.v0", integerValue(9))).toBe(true);
  expect(variables.get("txn.v63")).toEqual(integerValue(63));
});
