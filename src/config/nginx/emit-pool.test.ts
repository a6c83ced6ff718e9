import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { documentOf, poolOf } from "../../../tests/fixtures/nginx-document.ts";

test("nginx's own times and tries", () => {
  expect(poolOf("").plain).toMatchObject({
    dial: { timeout: "1m", retries: 0, redispatches: 1 },
    timeouts: { idle: "10m", followKeepAlive: false, finish: "100ms" },
  });
});

test.each([
  ["proxy_connect_timeout 2s;", "dial", { timeout: "2s" }],
  ["proxy_next_upstream off;", "dial", { redispatches: 0 }],
  ["proxy_next_upstream_tries 1;", "dial", { redispatches: 0 }],
  ["proxy_next_upstream_tries 9;", "dial", { redispatches: 1 }],
  ["proxy_timeout 2h;", "timeouts", { idle: "2h", finish: "100ms" }],
  ["proxy_timeout 90; proxy_half_close on;", "timeouts", { idle: "1m30s", finish: "1m30s" }],
])("%s", (server, key, value) => expect(at(poolOf("", server).plain, key)).toMatchObject(value));

test.each([
  ["proxy_protocol on;", { proxyProtocol: "v1" }],
  ["proxy_protocol v2;", { proxyProtocol: "v2" }],
  ["proxy_session_drop on;", { onMarkedDown: "cut-connections" }],
])("%s", (server, pool) => expect(poolOf("", server).plain).toMatchObject(pool));

test("two ways to pass to one upstream are two pools", () => {
  const { plain, said } = documentOf(`stream { upstream u { server a:1; }
server { listen 1; proxy_pass u; } server { listen 2; proxy_pass u; proxy_protocol on; }
server { listen 3; proxy_pass u; } }`);
  expect(Object.keys(at(plain, "pools") as object)).toEqual(["u", "u-2"]);
  expect(at(plain, "listeners", "port-3", "pool")).toBe("u");
  expect(said).toHaveLength(1);
});

test("an upstream has a server", () => {
  const { said } = documentOf("stream { upstream u { } server { listen 1; proxy_pass u; } }");
  expect(said).toEqual([expect.stringContaining('upstream "u" has no server')]);
});
