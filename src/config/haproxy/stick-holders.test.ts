import { expect, test } from "vitest";
import { lineOf } from "../../../tests/fixtures/haproxy-document.ts";
import { Report } from "../import/report.ts";
import { listOf } from "./model.ts";
import { readSections } from "./read-sections.ts";
import { holderIn, holderOf, isForStickiness, usesOf } from "./stick-holders.ts";

const MODEL = readSections(
  `backend own
stick-table type ip size 5
stick on src
backend guest
stick match src table own if { src 10.0.0.1 }
stick store-request src table others/t unless TRUE
backend counts
stick-table type ip size 5 store conn_cur
peers others
table t type string size 9`
    .split("\n")
    .map(lineOf),
  new Report(),
);

const named = (name: string) => MODEL.proxies.find((proxy) => proxy.name?.text === name)!;

test("a line means its own section's table, another section's, or one of peers", () => {
  const holders = ["own", "guest"].flatMap((name) =>
    listOf(named(name), "stick").map((given) => holderOf(MODEL, named(name), given)),
  );
  expect(holders.map((holder) => holder?.name)).toEqual(["own", "own", "others.t"]);
  expect(holders[2]?.read(new Report())?.size?.amount).toBe(9);
});

test("whoever uses a table is known, whichever section has it", () => {
  const verbs = usesOf(MODEL, holderIn(named("own"))!).map(({ verb, proxy }) => {
    return `${proxy.name!.text} ${verb}`;
  });
  expect(verbs).toEqual(["own on", "guest match"]);
});

test("a table that counts, or that nobody sticks by, is for more than stickiness", () => {
  const kinds = ["own", "counts"].map((name) => isForStickiness(MODEL, holderIn(named(name))!));
  expect(kinds).toEqual([true, false]);
});
