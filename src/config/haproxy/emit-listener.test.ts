import { expect, test } from "vitest";
import { at, documentOf, listenersOf } from "../../../tests/fixtures/haproxy-document.ts";

test("addresses with the same options are one listener, others have their own", () => {
  const { plain } = listenersOf(
    "  bind *:1\n  bind *:2 accept-proxy\n  bind *:3\n  bind *:4 maxconn 5 name few",
  );
  expect(Object.keys(plain as object)).toEqual(["mqtt", "mqtt-2", "few"]);
  expect(at(plain, "mqtt", "listen")).toEqual(["0.0.0.0:1", "0.0.0.0:3"]);
  expect(at(plain, "mqtt-2", "proxyProtocol")).toEqual({});
  expect(at(plain, "few", "connections")).toBe(5);
});

test("a listener may be at another machine's address, and on one interface", () => {
  const { plain, said } = listenersOf("  bind 192.0.2.1:1 transparent interface eth1");
  expect(at(plain, "mqtt", "transparent")).toBe(true);
  expect(at(plain, "mqtt", "interface")).toBe("eth1");
  expect(said).toEqual([]);
});

test("v6only keeps IPv4 away from what stands for all of IPv6, and from nothing else", () => {
  const only = listenersOf("  bind *:1\n  bind :::1 v6only v4v6");
  expect(at(only.plain, "mqtt", "listen")).toEqual(["0.0.0.0:1", "[::]:1"]);
  expect(at(only.plain, "mqtt", "ipv6Only")).toBe(true);
  const both = listenersOf("  bind *:1\n  bind :::1 v6only\n  bind :::2");
  expect(at(both.plain, "mqtt-2")).toMatchObject({ listen: "[::]:2" });
  expect(at(both.plain, "mqtt-2", "ipv6Only")).toBeUndefined();
  const none = listenersOf("  bind *:1 v6only\n  bind ::1:2 v6only\n  bind :::3");
  expect(at(none.plain, "mqtt", "listen")).toEqual(["0.0.0.0:1", "[::1]:2", "[::]:3"]);
  expect(at(none.plain, "mqtt", "ipv6Only")).toBeUndefined();
});

test.each([
  ["  bind *:1\n  maxconn 9", 9],
  ["  bind *:1 maxconn 5\n  maxconn 9", 5],
  ["  bind *:1 maxconn 50\n  maxconn 9", 9],
  ["  bind *:1\n  maxconn 0", undefined],
])("the least limit counts: %j", (lines, connections) => {
  expect(at(listenersOf(lines).plain, "mqtt", "connections")).toBe(connections);
});

test("a limit that several addresses share is warned of", () => {
  expect(listenersOf("  bind *:1,:2\n  maxconn 9").said[0]).toContain("each of the 2 addresses");
});

test("a frontend lets clients in at a rate, on each of its addresses", () => {
  const one = listenersOf("  bind *:1\n  rate-limit sessions 100");
  expect([at(one.plain, "mqtt", "accepts"), one.said]).toEqual([{ rate: "100/s" }, []]);
  const two = listenersOf("  bind *:1\n  bind *:2 accept-proxy\n  rate-limit sessions 100");
  expect(at(two.plain, "mqtt-2", "accepts")).toEqual({ rate: "100/s" });
  expect(two.said[0]).toContain("rate-limit sessions counts on each of the 2 addresses");
  expect(at(listenersOf("  bind *:1\n  rate-limit sessions 0").plain, "mqtt", "accepts")).toBe(
    undefined,
  );
});

test("CONNECT is not read where nobody asks for it", () => {
  const { plain } = listenersOf("  bind *:1\n  tcp-request inspect-delay 5s");
  expect(at(plain, "mqtt")).toEqual({ listen: "0.0.0.0:1", pool: "nodes", protocol: "tcp" });
});

/** Two frontends of one backend, and what more there is. */
function twoFrontends(first: string, second: string, backend = "timeout server 5m"): string {
  return `frontend one
  bind *:1
  timeout client ${first}
  default_backend nodes
frontend two
  bind *:2
  timeout client ${second}
  default_backend nodes
backend nodes
  balance first
  timeout connect 5s
  ${backend}
  server a 10.0.0.1:1883
`;
}

test.each([
  ["1m", "1m", "timeout server 5m", [undefined, undefined, "1m"]],
  ["1m", "2m", "timeout server 5m", ["1m", "2m", "5m"]],
  ["0", "2m", "timeout server 0", [undefined, "2m", "never"]],
  // Longer than the server's: that counts for both.
  ["6m", "7m", "timeout server 5m", [undefined, undefined, "5m"]],
  ["1m", "2m", "timeout tunnel 1h", [undefined, undefined, "1h"]],
])("silence of %s and %s, %s", (first, second, backend, [one, two, pool]) => {
  const { plain, said } = documentOf(twoFrontends(first!, second!, backend));
  expect(at(plain, "listeners", "one", "idle")).toBe(one);
  expect(at(plain, "listeners", "two", "idle")).toBe(two);
  expect(at(plain, "pools", "nodes", "timeouts", "idle")).toBe(pool);
  expect(said.filter((each) => !each.includes("has no timeout"))).toEqual([]);
});

test("a tunnel of another backend is warned of", () => {
  const file = twoFrontends("1m", "2m").replace(
    "timeout client 1m",
    "timeout client 1m\n  use_backend other if TRUE",
  );
  const other =
    "backend other\n  balance first\n  timeout connect 5s\n  timeout server 5m\n" +
    "  timeout tunnel 1h\n";
  const { said } = documentOf(`${file}${other}  server a 10.0.0.2:1883\n`);
  expect(said).toEqual([expect.stringContaining('warning: timeout client counts for "other" too')]);
});
