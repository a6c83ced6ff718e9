import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { documentOf } from "../../../tests/fixtures/nginx-document.ts";

function limited(key: string, limits: string, zone = "zone=z:1m") {
  const { plain, said } = documentOf(`stream {
limit_conn_zone ${key} ${zone};
server { listen 1883; proxy_pass a:1; ${limits} } }`);
  return { plain, listener: at(plain, "listeners", "port-1883"), said };
}

test("a zone is a table of counters", () => {
  const { plain, listener, said } = limited("$binary_remote_addr", "limit_conn z 5;");
  expect(said).toEqual([]);
  expect(at(plain, "counters")).toEqual({
    z: { key: "address", size: 16_384, store: ["conn_cur"] },
  });
  expect(at(listener as never, "rules")).toEqual({
    connection: ["track-sc0 src table z", "reject if { sc0_conn_cur gt 5 }"],
  });
});

test("keys of the CONNECT are counted when it is there", () => {
  const { plain, listener } = limited("$mqtt_preread_clientid", "limit_conn z 1;");
  expect(at(plain, "counters", "z", "key")).toBe("text");
  expect(at(listener as never, "rules", "content", 0)).toBe("track-sc0 mqtt.client_id table z");
  expect(at(listener as never, "protocol")).toBe("mqtt");
});

test("what all clients share limits the listener", () => {
  const { plain, listener } = limited("$server_port", "limit_conn z 7;");
  expect(at(plain, "counters")).toBeUndefined();
  expect(at(listener as never, "connections")).toBe(7);
});

test.each([
  ["limit_conn y 5;", "zone=z:1m"],
  ["limit_conn z few;", "zone=z:1m"],
  ["", "z"],
])("%s %s is refused", (limits, zone) => {
  expect(limited("$remote_addr", limits, zone).said).toHaveLength(1);
});
