import { expect, test } from "vitest";
import { at, listenersOf } from "../../../tests/fixtures/haproxy-document.ts";

test("bytes that are not MQTT are refused by a listener that reads CONNECT, without a rule", () => {
  const rule = "tcp-request content reject unless { req.payload(0,0),mqtt_is_valid }";
  const { plain, said } = listenersOf(`  bind *:1\n  tcp-request inspect-delay 5s\n  ${rule}`);
  expect(said).toEqual([]);
  expect(at(plain, "mqtt")).toMatchObject({ protocol: "mqtt", connectDeadline: "5s" });
  expect(at(plain, "mqtt", "rules")).toBeUndefined();
});

test("what is forgotten is waited for all the same, which is told", () => {
  const rule = "tcp-request content reject if !{ req.payload(0,0),mqtt_is_valid }";
  const { plain, said } = listenersOf(`  bind *:1\n  ${rule}`);
  expect(at(plain, "mqtt", "protocol")).toBe("mqtt");
  expect(said).toEqual([expect.stringContaining("no tcp-request inspect-delay")]);
});

test.each([
  ["acl a sr 10.0.0.0/8", 9],
  ["tcp-request connection rejct", 26],
  ["tcp-request content reject if nobody", 33],
  ["use_backend", 3],
])("%s is reported at column %i", (line, column) => {
  const { said } = listenersOf(`  bind *:1\n  ${line}`);
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(new RegExp(`^5:${column}: `));
});
