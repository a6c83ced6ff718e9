import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { documentOf, poolOf } from "../../../tests/fixtures/nginx-document.ts";

const checkOf = (server: string) => at(poolOf("", server).plain, "check");

test("nobody is asked without health_check", () => {
  expect(checkOf("")).toEqual({ type: "none" });
});

test("health_check has nginx's own times", () => {
  expect(checkOf("health_check;")).toEqual({
    ...{ type: "tcp", interval: "5s", fastInterval: "5s", spread: 0, timeout: "5s" },
    ...{ rise: 1, fall: 1, initial: "fully-up" },
  });
});

test("parameters", () => {
  const line = "health_check_timeout 2; health_check interval=10 jitter=2 fails=3 passes=4";
  expect(checkOf(`${line} mandatory port=99;`)).toMatchObject({
    ...{ interval: "10s", spread: 20, timeout: "2s", rise: 4, fall: 3 },
    ...{ initial: "down", port: 99 },
  });
});

test("match is a script of bytes", () => {
  const { plain } = documentOf(String.raw`stream {
match m { send "PING"; send "\xff\x00"; expect "PONG"; expect "\x01"; expect ~ "^a.c"; }
upstream u { server a:1; }
server { listen 1; proxy_pass u; health_check match=m; } }`);
  expect(at(plain, "pools", "u", "check", "script")).toEqual([
    { send: "PING" },
    { sendBinary: "ff00" },
    { expect: { string: "PONG" } },
    { expect: { binary: "01" } },
    { expect: { pattern: "^a.c" } },
  ]);
});

test.each(["interval=0", "fails=x", "udp", "match=none", "intervall=1"])(
  "%s is refused",
  (text) => {
    expect(poolOf("", `health_check ${text};`).said).toHaveLength(1);
  },
);
