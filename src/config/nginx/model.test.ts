import { expect, test } from "vitest";
import { emptyScope, givenOf } from "../../../tests/fixtures/nginx-document.ts";
import { isOn, listOf, setting } from "./model.ts";

test("a block has from the blocks around it what it does not say itself", () => {
  const outer = emptyScope();
  const inner = emptyScope(outer);
  outer.settings.set("a", { ...givenOf("a on"), amount: 1 });
  outer.lists.set("allow", [givenOf("allow all")]);
  expect(isOn(inner, "a")).toBe(true);
  expect(listOf(inner, "allow")).toHaveLength(1);
  inner.settings.set("a", givenOf("a off"));
  inner.lists.set("allow", []);
  expect(isOn(inner, "a")).toBe(false);
  expect(listOf(inner, "allow")).toEqual([]);
});

test("what is wrong counts as not there, and hides what is around", () => {
  const outer = emptyScope();
  const inner = emptyScope(outer);
  outer.settings.set("a", givenOf("a 1"));
  inner.settings.set("a", { ...givenOf("a x"), isBroken: true });
  expect(setting(inner, "a")).toBeNull();
  expect(setting(inner, "b")).toBeNull();
});
