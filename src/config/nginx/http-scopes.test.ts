import { expect, test } from "vitest";
import { Report } from "../import/report.ts";
import { readHttpScope, readHttpUpstream } from "./http-scopes.ts";
import { parse } from "./parse.ts";

function read(text: string) {
  const report = new Report();
  const unread = new Set<string>();
  const options = { report, include: () => [], isDirective: () => false };
  const [directive] = parse({ file: "x.conf", text }, options).directives;
  return { directive: directive!, report, unread };
}

test("settings have the names that streams have for them", () => {
  const { directive, report, unread } = read(
    "server { listen 80; proxy_read_timeout 90; proxy_next_upstream error timeout; gzip on; }",
  );
  const scope = readHttpScope(directive, null, { report, unread });
  expect(scope.settings.get("proxy_timeout")?.amount).toBe(90_000);
  expect(scope.settings.get("proxy_next_upstream")?.amount).toBe(1);
  expect([...unread]).toEqual(["gzip"]);
});

test("an upstream is one, and what only HTTP needs is noticed", () => {
  const { directive, report } = read("upstream u { ip_hash; keepalive 3; server a:1; }");
  const scope = readHttpUpstream(directive, report);
  expect(scope.name.text).toBe("u");
  expect([...scope.settings.keys()]).toEqual(["ip_hash", "server"]);
  expect(report.diagnostics).toMatchObject([{ severity: "notice" }]);
});
