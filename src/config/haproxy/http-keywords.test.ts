import { expect, test } from "vitest";
import { at, documentOf } from "../../../tests/fixtures/haproxy-document.ts";

const said = (lines: string, section: string, defaults = "") => {
  const { plain, said: all } = documentOf(`defaults
  timeout connect 5s
  timeout client 1m
  timeout server 1m
${defaults}
listen web
  bind *:80
  balance roundrobin
${section}
${lines}
  server one 10.0.0.1:80
`);
  return { pool: at(plain, "pools", "web"), said: all };
};

const has = (...parts: readonly string[]) => parts.map((part) => expect.stringContaining(part));

test("HTTP passes as bytes, which is said", () => {
  const { pool, said: all } = said("", "  mode http");
  expect(at(pool, "servers", 0, "address")).toBe("10.0.0.1:80");
  expect(all).toEqual(has('6:1: notice: listen "web" passes HTTP on as it is'));
});

test.each(["http-request deny", "redirect scheme https", "cookie S insert", "monitor-uri /up"])(
  "%s cannot be left out of HTTP, and says nothing in tcp",
  (line) => {
    expect(said(`  ${line}`, "  mode http").said).toEqual(
      has("passes HTTP on", `10:3: "${line.split(" ")[0]}" cannot be honoured: "web" passes HTTP`),
    );
    expect(said(`  ${line}`, "  mode tcp").said).toEqual(has("10:3: notice: "));
  },
);

test("headers that servers do not get are a warning, where the line stands", () => {
  const option = "  option forwardfor";
  expect(said("", "  mode http", option).said).toEqual(
    has("passes HTTP on", '5:3: warning: servers of "web" get no header of "option forwardfor"'),
  );
  expect(said("", "", option).said).toEqual(has('5:3: notice: "option forwardfor" is about HTTP'));
  expect(said("  no option forwardfor", "  mode http", option).said).toEqual(
    has("passes HTTP on", "5:3: notice"),
  );
});
