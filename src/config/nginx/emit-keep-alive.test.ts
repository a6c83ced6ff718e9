import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { listenerOf, poolOf } from "../../../tests/fixtures/nginx-document.ts";

const listener = (value: string) => listenerOf("", `1883 so_keepalive=${value}`);

test.each([
  ["on", true],
  ["off", undefined],
  ["30m::10", { idle: "30m", count: 10 }],
  ["60:1500ms:", { idle: "1m", interval: "2s" }],
])("so_keepalive=%s", (value, expected) => {
  const { plain, said } = listener(value);
  expect(said).toEqual([]);
  expect(at(plain, "tcpKeepAlive")).toEqual(expected);
});

test.each(["maybe", "::", "1:2", "x::", "::0", "1:2:3:4"])("so_keepalive=%s is wrong", (value) => {
  expect(listener(value).said).toEqual([expect.stringContaining(`so_keepalive is "${value}"`)]);
});

test("proxy_socket_keepalive is for servers", () => {
  const { plain, said } = poolOf("", "proxy_socket_keepalive on;");
  expect(said).toEqual([]);
  expect(at(plain, "tcpKeepAlive")).toBe(true);
  expect(at(poolOf("", "proxy_socket_keepalive off;").plain, "tcpKeepAlive")).toBeUndefined();
});
