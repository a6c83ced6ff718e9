import { expect, test } from "vitest";
import { at, listenersOf } from "../../../tests/fixtures/haproxy-document.ts";

test("addresses with the same options are one listener, others have their own", () => {
  const { plain } = listenersOf(
    "  bind *:1\n  bind *:2 accept-proxy\n  bind *:3\n  bind *:4 maxconn 5 name few",
  );
  expect(Object.keys(plain as object)).toEqual(["mqtt", "mqtt-2", "few"]);
  expect(at(plain, "mqtt", "listen")).toEqual(["0.0.0.0:1", "0.0.0.0:3"]);
  expect(at(plain, "mqtt-2", "proxyProtocol")).toEqual({});
  expect(at(plain, "few", "connections")).toBe(5);
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

test("CONNECT is not read where nobody asks for it", () => {
  const { plain } = listenersOf("  bind *:1\n  tcp-request inspect-delay 5s");
  expect(at(plain, "mqtt")).toEqual({ listen: "0.0.0.0:1", pool: "nodes", protocol: "tcp" });
});
