import { expect, test } from "vitest";
import { wordsOf } from "../../../tests/fixtures/haproxy-document.ts";
import { Report } from "../import/report.ts";
import { readTable } from "./read-stick-table.ts";

function read(text: string) {
  const [keyword, ...args] = wordsOf(`stick-table ${text}`);
  const given = { keyword: [keyword!], args, amount: 0, isOff: false, isBroken: false };
  const report = new Report();
  const table = readTable(given, args, report);
  return { table, said: report.diagnostics.map(({ severity, column }) => `${severity} ${column}`) };
}

test("a table has a type, a size, a time and counters", () => {
  const { table, said } = read(
    "type string len 64 size 2k expire 90000 store conn_cur,conn_rate(10s)",
  );
  expect(said).toEqual([]);
  expect(table).toMatchObject({
    type: { text: "string" },
    size: { amount: 2048 },
    expire: { text: "1m30s" },
    store: [{ text: "conn_cur" }, { text: "conn_rate(10s)", at: { column: 68 } }],
  });
});

test("what makes no difference is told", () => {
  const { table, said } = read("type ip size 1k nopurge peers mesh srvkey addr write-to mesh/t");
  expect(table).not.toBeNull();
  expect(said).toEqual(["notice 29", "notice 37", "notice 48", "notice 60"]);
});

test.each([
  ["type what size 1k", "error 18"],
  ["type string len x size 1k", "error 29"],
  ["type ip size x", "error 26"],
  ["type ip size 1k expire x", "error 36"],
  ["type ip", "error 1"],
  ["size 1k", "error 1"],
  ["type ip size", "error 21"],
  ["type ip size 1k what x", "error 29"],
])("%s is a mistake", (text, said) => expect(read(text)).toEqual({ table: null, said: [said] }));
