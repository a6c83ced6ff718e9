import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { documentOf } from "../../../tests/fixtures/nginx-document.ts";

function poolOf(servers: string) {
  const { plain, said } = documentOf(`stream { resolver 10.0.0.1;
upstream u { ${servers} } server { listen 1; proxy_pass u; } }`);
  return { pool: at(plain, "pools", "u"), said };
}

const serverOf = (words: string) => at(poolOf(`server a:1 ${words};`).pool, "servers", 0);

test.each([
  ["weight=3", { weight: 3 }],
  ["max_conns=9", { connections: 9 }],
  ["backup", { backup: true }],
  ["down", { state: "maintenance" }],
  ["resolve", { resolver: "nginx", slots: 16 }],
])("%s", (words, server) => expect(serverOf(words)).toMatchObject(server));

test("a service is asked for by its name", () => {
  const { pool } = poolOf(
    "server a.example service=mqtt resolve; server b.example service=_x._tcp resolve;",
  );
  expect(at(pool, "servers", 0, "address")).toBe("_mqtt._tcp.a.example:1883");
  expect(at(pool, "servers", 1, "address")).toBe("_x._tcp.b.example:1883");
});

test("what all servers have is the pool's", () => {
  expect(at(poolOf("server a:1 slow_start=5;").pool, "slowStart")).toBe("5s");
});

test.each([
  ["server a:1; server b:1;", { mode: "max-fails", maxFails: 1, failTimeout: "10s" }],
  ["server a:1 max_fails=0; server b:1 max_fails=0;", { mode: "off" }],
  ["server a:1 max_fails=5;", { mode: "off" }],
])("%s: failures are counted where there is another server", (servers, observe) => {
  expect(at(poolOf(servers).pool, "observe")).toEqual(observe);
});

test("servers that differ in max_fails have the most", () => {
  const { pool, said } = poolOf("server a:1 max_fails=3 fail_timeout=20; server b:1;");
  expect(at(pool, "observe")).toMatchObject({ maxFails: 3, failTimeout: "20s" });
  expect(said).toEqual([expect.stringContaining("warning")]);
});

test.each([
  "server a:1 weight=x;",
  "server a:1 max_fails=x;",
  "server a:1 fail_timeout=x;",
  "server a service=b;",
  "server a:1 service=b resolve;",
])("%s is refused", (servers) => {
  const errors = poolOf(servers).said.filter((line) => !line.includes("notice"));
  expect(errors).toHaveLength(1);
});
