import { expect, test } from "vitest";
import { wordsOf } from "../../../tests/fixtures/haproxy-document.ts";
import { Report } from "../import/report.ts";
import { SERVER_OPTIONS } from "./keywords/server-options.ts";
import { readOptions } from "./read-options.ts";

function read(text: string) {
  const report = new Report();
  const { options, negated, inOrder } = readOptions(wordsOf(text), SERVER_OPTIONS, report);
  return {
    options: [...options].map(([name, { args }]) => [name, ...args.map((word) => word.text)]),
    negated: [...negated],
    count: inOrder.length,
    said: report.diagnostics.map(({ severity, column }) => `${severity} ${column}`),
  };
}

test("readOptions takes options in any order, each with its words, the last one of several", () => {
  expect(read("check inter 2s weight 1 weight 2")).toEqual({
    options: [["check"], ["inter", "2s"], ["weight", "2"]],
    negated: [],
    count: 4,
    said: [],
  });
});

test("no-x takes x back, and x takes no-x back", () => {
  expect(read("check no-check")).toMatchObject({ options: [], negated: ["check"] });
  expect(read("no-check check")).toMatchObject({ options: [["check"]], negated: [] });
});

test("source takes as many words as belong to it", () => {
  expect(read("source 0.0.0.0 usesrc clientip check").options).toEqual([
    ["source", "0.0.0.0", "usesrc", "clientip"],
    ["check"],
  ]);
});

test("says what makes no difference, what cannot be honoured, and what nobody knows", () => {
  expect(read("tfo socks4 1.2.3.4:5 set-proxy-v2-tlv-fmt(0x20) x").said).toEqual([
    "notice 1",
    "error 5",
    "error 22",
  ]);
  expect(read("wieght 3 chek").said).toEqual(["error 1"]);
  expect(read("check weight").said).toEqual(["error 7"]);
});
