import { expect, test } from "vitest";
import { wordsOf } from "../../../tests/fixtures/haproxy-document.ts";
import { givenOf } from "../../../tests/fixtures/nginx-document.ts";
import { Report } from "../import/report.ts";
import { joinTarget, readTarget, readUpstreamServer } from "./read-upstream-server.ts";

test.each([
  ["10.0.0.1:1883", { host: "10.0.0.1", port: 1883 }],
  ["[2001:db8::1]:1883", { host: "2001:db8::1", port: 1883 }],
  ["a_b.example:1883", { host: "a_b.example", port: 1883 }],
  ["10.0.0.1", null],
  ["10.0.0.256:1", null],
  ["a:0", null],
  ["a b", null],
  ["unix:/a", null],
])("%s", (text, target) => {
  const report = new Report();
  const word = { ...wordsOf("x")[0]!, text };
  expect(readTarget(word, report)).toEqual(target);
  expect(report.diagnostics).toHaveLength(target === null ? 1 : 0);
});

test("a service has no port of its own", () => {
  const report = new Report();
  const given = givenOf("server a.example service=mqtt resolve weight=2 drain");
  const { target, parameters } = readUpstreamServer(given, report, null);
  expect(target).toEqual({ host: "a.example", port: null });
  expect([...parameters.keys()]).toEqual(["service", "resolve", "weight"]);
  expect(report.diagnostics).toMatchObject([{ severity: "notice" }]);
});

test("IPv6 gets its brackets back", () => {
  expect(joinTarget("::1", 1)).toBe("[::1]:1");
  expect(joinTarget("a", 1)).toBe("a:1");
});
