import { expect, test } from "vitest";
import { wordsOf } from "../../../tests/fixtures/haproxy-document.ts";
import { Report } from "../import/report.ts";
import {
  anything,
  count,
  type Grammar,
  integer,
  nothing,
  oneOf,
  optional,
  size,
  time,
  words,
} from "./grammar.ts";

function take(grammar: Grammar, text: string) {
  const [keyword, ...args] = wordsOf(`kw ${text}`);
  const report = new Report();
  const amount = grammar(args, keyword!, report);
  return { amount, columns: report.diagnostics.map(({ column }) => column) };
}

test.each<[string, Grammar, string, number]>([
  ["time", time, "5m", 300_000],
  ["count", count, "7", 7],
  ["integer", integer, "-1", -1],
  ["size", size, "2k", 2048],
  ["optional", optional(integer, -1), "", -1],
  ["optional", optional(integer, -1), "3", 3],
  ["nothing", nothing, "", 0],
  ["words", words(1, 2), "a b", 0],
  ["oneOf", oneOf("tcp", "http"), "http", 1],
  ["anything", anything, "a b c", 0],
])("%s", (_, grammar, text, amount) => {
  expect(take(grammar, text)).toEqual({ amount, columns: [] });
});

test.each<[string, Grammar, string, number]>([
  ["time that is none", time, "5x", 4],
  ["time that is too long", time, "99d", 4],
  ["time that is missing", time, "", 1],
  ["time with a word too many", time, "5 m", 6],
  ["count that is none", count, "x", 4],
  ["nothing with something", nothing, "x", 4],
  ["words that are missing", words(2), "a", 1],
  ["words too many", words(1, 1), "a b", 6],
  ["a word that is no choice", oneOf("tcp"), "udp", 4],
])("reports %s", (_, grammar, text, column) => {
  expect(take(grammar, text)).toEqual({ amount: null, columns: [column] });
});
