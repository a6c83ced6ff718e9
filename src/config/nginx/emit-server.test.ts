import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { documentOf, listenerOf } from "../../../tests/fixtures/nginx-document.ts";

test.each([
  ["", { protocol: "tcp" }],
  ["ssl_preread on; preread_timeout 5s;", { protocol: "tls", connectDeadline: "5s" }],
  ["mqtt_preread on;", { protocol: "mqtt", connectDeadline: "30s" }],
  ["mqtt on; preread_buffer_size 32k;", { protocol: "mqtt", connectSize: "32KiB" }],
  ["mqtt on; preread_buffer_size 9m;", { connectSize: "1MiB" }],
])("%s", (lines, listener) => expect(listenerOf(lines).plain).toMatchObject(listener));

test("a hash of the client id waits for the CONNECT, asked or not", () => {
  const { plain, said } = documentOf(`stream {
upstream u { hash $mqtt_preread_clientid; server a:1; } server { listen 1; proxy_pass u; } }`);
  expect(at(plain, "listeners", "port-1", "protocol")).toBe("mqtt");
  expect(said).toEqual([expect.stringContaining("Fairlead waits for it")]);
});

test("addresses with the same options are one listener", () => {
  const { plain } = documentOf(`stream { server { proxy_pass a:1;
listen 1; listen 2; listen 3 backlog=5; } }`);
  expect(at(plain, "listeners", "port-1", "listen")).toEqual(["0.0.0.0:1", "0.0.0.0:2"]);
  expect(at(plain, "listeners", "port-3")).toMatchObject({ listen: "0.0.0.0:3", backlog: 5 });
});

test.each([
  "stream { server { proxy_pass a:1; } }",
  "stream { server { listen 1; } }",
  "stream { server { listen 1 backlog=x; proxy_pass a:1; } }",
])("%s is refused", (text) => expect(documentOf(text).said).toHaveLength(1));
