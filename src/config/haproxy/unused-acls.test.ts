import { expect, test } from "vitest";
import { at, listenersOf, poolOf } from "../../../tests/fixtures/haproxy-document.ts";

const LEFT_OUT = expect.stringMatching(
  /: notice: acl "api" is left out, as no rule uses it: it reads HTTP$/,
);

test("an acl over HTTP that nobody uses is left out, once told, and no other acl", () => {
  const { plain, said } = listenersOf(
    "  bind *:1\n  acl api path_beg /api\n  acl lan src 10.0.0.1",
  );
  expect(at(plain, "mqtt", "acls")).toEqual({ lan: "src 10.0.0.1" });
  expect(said).toEqual([LEFT_OUT]);
});

test.each([
  "tcp-request connection reject if api",
  "tcp-request content accept unless !api",
  "use_backend nodes if { src ::1 } || !!api",
])("it stays where %s needs it", (rule) => {
  const { plain } = listenersOf(`  bind *:1\n  acl api path_beg /api\n  ${rule}`);
  expect(at(plain, "mqtt", "acls")).toEqual({ api: "path_beg /api" });
});

test("rules of backends need theirs, too", () => {
  const of = (line: string) =>
    at(poolOf(`  balance first\n  acl api url /\n  ${line}`).plain, "acls");
  expect(of("use-server a if api")).toEqual({ api: "url /" });
  expect(of("stick-table type ip size 5\n  stick on src if api")).toEqual({ api: "url /" });
  expect(of("http-request deny if api")).toBeUndefined();
});

test("an acl of a name that nobody knows is a mistake, used or not", () => {
  const { plain, said } = listenersOf("  bind *:1\n  acl lan scr 10.0.0.1");
  expect(at(plain, "mqtt", "acls")).toEqual({ lan: "scr 10.0.0.1" });
  expect(said).toEqual([]);
});
