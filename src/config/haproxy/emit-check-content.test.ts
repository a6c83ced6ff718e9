import { expect, test } from "vitest";
import { at, poolOf } from "../../../tests/fixtures/haproxy-document.ts";

const check = (lines: string) => {
  const { plain, said } = poolOf(`  balance leastconn\n${lines}`);
  return { check: at(plain, "check"), said };
};

test("a script says what tcp-check rules say, but for the connect that every check makes", () => {
  const { check: made, said } = check(`  option tcp-check
  tcp-check connect
  tcp-check send-binary 100c
  tcp-check comment accepted
  tcp-check expect binary 20020000
  tcp-check connect port 8883 ssl send-proxy comment tls`);
  expect(said).toEqual([]);
  expect(made).toMatchObject({
    type: "script",
    script: [
      { sendBinary: "100c" },
      { expect: { binary: "20020000" }, comment: "accepted" },
      { connect: { port: 8883, tls: true, proxyProtocol: true }, comment: "tls" },
    ],
  });
});

test("without option tcp-check its rules do not count", () => {
  expect(check("  tcp-check send x").check).toMatchObject({ type: "tcp" });
});

test.each([
  ["option httpchk", { method: "OPTIONS", path: "/", version: "1.0" }],
  ["option httpchk /x", { method: "OPTIONS", path: "/x", version: "1.0" }],
  ["option httpchk GET /x HTTP/1.1", { method: "GET", path: "/x", version: "1.1" }],
  [
    "option httpchk GET / HTTP/1.1 a.example",
    { method: "GET", path: "/", version: "1.1", headers: { Host: "a.example" } },
  ],
])("%s", (line, http) => expect(check(`  ${line}`).check).toMatchObject({ type: "http", http }));

test("http-check rules add to the request and to what is expected", () => {
  const { check: made, said } = check(`  option httpchk
  http-check connect
  http-check send meth HEAD uri /y ver HTTP/1.1 hdr A b body c
  http-check expect ! rstatus ^5
  http-check expect ok-status L7OKC string up`);
  expect(said).toEqual([expect.stringContaining('notice: "ok-status"')]);
  expect(made).toMatchObject({
    http: {
      ...{ method: "HEAD", path: "/y", version: "1.1", headers: { A: "b" }, body: "c" },
      expect: [{ not: true, statusPattern: "^5" }, { body: "up" }],
    },
  });
});
