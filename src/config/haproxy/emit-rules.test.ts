import { expect, test } from "vitest";
import { at, listenersOf, poolOf } from "../../../tests/fixtures/haproxy-document.ts";

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

test("rules are texts of our language, acls are texts by name", () => {
  const { plain } = listenersOf(`  bind *:1
  acl lan src 10.0.0.0/8
  acl lan src 192.168.0.0/16
  acl many sc0_conn_rate gt 10
  tcp-request connection track-sc0 src
  tcp-request connection reject if many !lan
  tcp-request session accept if lan
  use_backend "nodes" if { src -f deny.lst }
  stick-table type ip size 5 store conn_rate(1s)`);
  expect(at(plain, "mqtt")).toMatchObject({
    acls: { lan: ["src 10.0.0.0/8", "src 192.168.0.0/16"], many: "sc0_conn_rate gt 10" },
    rules: {
      connection: ["track-sc0 src", "reject if many !lan"],
      session: ["accept if lan"],
      pool: ["use-pool nodes if { src -f deny.lst }"],
    },
    protocol: "tcp",
    counters: "mqtt",
  });
});

test("rules of a backend are its pool's", () => {
  const { plain } = poolOf(
    "  balance first\n  tcp-request content accept\n  use-server a if { src ::1 }",
  );
  expect(at(plain, "rules")).toEqual({
    content: ["accept"],
    server: ["use-server a if { src ::1 }"],
  });
});
