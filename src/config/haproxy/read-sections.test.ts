import { expect, test } from "vitest";
import { lineOf } from "../../../tests/fixtures/haproxy-document.ts";
import { Report } from "../import/report.ts";
import { isOn, listOf, textOf } from "./model.ts";
import { readSections } from "./read-sections.ts";

function read(...lines: readonly string[]) {
  const report = new Report();
  const model = readSections(lines.map(lineOf), report);
  const { diagnostics } = report;
  const [said, expected] = [
    diagnostics.map(({ message }) => message),
    diagnostics.map((of) => of.expected),
  ];
  return { model, said, expected };
}

test("sections take what the defaults above them say, as they stand there", () => {
  const { model } = read(
    "defaults one",
    "mode tcp",
    "retries 5",
    "defaults",
    "retries 7",
    "backend a",
    "backend b from one",
    "retries 9",
    "defaults",
    "retries 1",
  );
  const backends = model.proxies.filter(({ kind }) => kind === "backend");
  expect(backends.map((proxy) => textOf(proxy, "retries"))).toEqual(["7", "9"]);
  expect(backends.map((proxy) => textOf(proxy, "mode"))).toEqual(["", "tcp"]);
});

test("no takes back, default forgets, lists grow until no", () => {
  const { model } = read(
    "defaults",
    "option redispatch",
    "log global",
    "log 127.0.0.1 local0",
    "backend a",
    "no option redispatch",
    "no log",
    "log 10.0.0.1 local0",
    "backend b",
    "default option redispatch",
  );
  const [, a, b] = model.proxies;
  expect([isOn(a!, "option redispatch"), isOn(b!, "option redispatch")]).toEqual([false, false]);
  expect(b!.settings.has("option redispatch")).toBe(false);
  expect([listOf(a!, "log").length, listOf(b!, "log").length]).toEqual([1, 2]);
});

test("a second global section goes on with the first", () => {
  const { model } = read("global", "maxconn 10", "global", "spread-checks 5");
  expect([...model.global.settings.keys()]).toEqual(["maxconn", "spread-checks"]);
});

test("the longest keyword counts, and the nearest name is told", () => {
  expect(read("listen a", "timeout clint 5s").said).toEqual(['"clint" is no timeout']);
  expect(read("listen a", "timeout").said).toEqual(['"timeout" stands alone']);
  expect(read("listen a", "blance source").said[0]).toContain("no keyword");
  expect(read("listen a", "blance source").expected).toEqual(['"balance"']);
  // The first word of two.
  expect(read("listen a", "tiemout client 5s").expected).toEqual(['"timeout"']);
  expect(read("listen a", "no balance source").said[0]).toContain('cannot stand before "balance"');
});

test("what stands in no section, or in the wrong one, is said", () => {
  expect(read("mode tcp").said).toEqual(['"mode" stands in no section']);
  expect(read("backend a", "bind *:1").said).toEqual(['"bind" cannot stand in a backend section']);
  expect(read("frontend a", "retries 1").said[0]).toContain("and is not read");
});

test("names are told apart: a listen section is a frontend and a backend", () => {
  expect(read("frontend a", "backend a").said).toEqual([]);
  expect(read("frontend a", "listen a").said).toEqual([
    'there is a frontend "a" already, in line 1',
  ]);
  expect(read("frontend").said).toEqual(['"frontend" has no name']);
  expect(read("backend a from x").said).toEqual(['"x" is no defaults section']);
  expect(read("backend a form x").said).toEqual(['"form" stands behind the name']);
});

test("sections that are left out are named once, whatever is in them", () => {
  expect(read("cache c", "total-max-size 4", "ring r", "format raw").said).toHaveLength(2);
});
