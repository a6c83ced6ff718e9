import { expect, test } from "vitest";
import { wordsOf } from "../../../tests/fixtures/haproxy-document.ts";
import { type Given, isOn, listOf, placeOf, setting, textOf } from "./model.ts";

const given = (text: string, more: Partial<Given> = {}): Given => {
  const [keyword, ...args] = wordsOf(text);
  return { keyword: [keyword!], args, amount: 0, isOff: false, isBroken: false, ...more };
};

const holder = {
  settings: new Map([
    ["mode", given("mode tcp")],
    ["option tcplog", given("tcplog", { isOff: true })],
    ["retries", given("retries x", { isBroken: true })],
  ]),
  lists: new Map([["log", [given("log global"), given("log", { isBroken: true })]]]),
};

test("what was wrong is as if it were not there", () => {
  expect(setting(holder, "retries")).toBeNull();
  expect(listOf(holder, "log")).toHaveLength(1);
  expect(listOf(holder, "acl")).toEqual([]);
});

test("a switch is on where it was given and not taken back", () => {
  expect(["mode", "option tcplog", "option tcpka"].map((name) => isOn(holder, name))).toEqual([
    true,
    false,
    false,
  ]);
});

test("a setting has a first word, and stands at it", () => {
  expect([textOf(holder, "mode"), textOf(holder, "source")]).toEqual(["tcp", ""]);
  expect(placeOf(given("mode tcp")).column).toBe(6);
  expect(placeOf(given("disabled")).column).toBe(1);
});
