import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { documentOf } from "../../../tests/fixtures/nginx-document.ts";

function listenersOf(servers: string) {
  const { plain, said } = documentOf(`stream {
ssl_certificate a.pem; ssl_certificate_key a.pem;
upstream one { server a:1; } upstream two { server b:1; }
${servers} }`);
  return { listeners: at(plain, "listeners"), said };
}

test("a listener is called by its port, or its status_zone", () => {
  const { listeners } = listenersOf(`server { listen 1883; proxy_pass one; }
server { listen 10.0.0.1:1883; proxy_pass one; }
server { listen 1884; status_zone devices; proxy_pass two; }`);
  expect(Object.keys(listeners as object)).toEqual(["port-1883", "port-1883-2", "devices"]);
});

test("servers of one address are told apart by names", () => {
  const { listeners, said } = listenersOf(`server { listen 1 ssl; server_name b; proxy_pass two; }
server { listen 1 ssl default_server; server_name a; proxy_pass one; }`);
  expect(said).toEqual([]);
  expect(at(listeners, "port-1")).toMatchObject({ pool: "one", serverNames: { b: "two" } });
});

test("IPv4 is kept away from an address of all IPv6, unless nginx lets it in", () => {
  const made = listenersOf(`server { listen 1; listen [::]:1; listen [::]:2 ipv6only=off;
listen [::1]:3; proxy_pass one; }
server { listen [::]:4 ipv6only=off; listen 5; proxy_pass two; }`);
  expect(made.said).toEqual([]);
  expect(made.listeners).toEqual({
    "port-1": {
      listen: ["0.0.0.0:1", "[::]:1", "[::1]:3"],
      protocol: "tcp",
      pool: "one",
      ipv6Only: true,
    },
    "port-2": { listen: "[::]:2", protocol: "tcp", pool: "one" },
    "port-4": { listen: ["[::]:4", "0.0.0.0:5"], protocol: "tcp", pool: "two" },
  });
});

test("what one server says of an address counts for all that share it", () => {
  const { listeners } = listenersOf(`server { listen [::]:1 ssl; server_name a; proxy_pass one; }
server { listen [::]:1 ssl ipv6only=off; server_name b; proxy_pass two; }`);
  expect(at(listeners, "port-1", "serverNames")).toEqual({ b: "two" });
  expect(at(listeners, "port-1", "ipv6Only")).toBeUndefined();
});

test("a default that shakes no hands makes names strict", () => {
  const { listeners } =
    listenersOf(`server { listen 1 ssl; ssl_reject_handshake on; proxy_pass one; }
server { listen 1 ssl; server_name .b.example; proxy_pass two; }`);
  expect(at(listeners, "port-1", "tls", "strictServerName")).toBe(true);
  expect(at(listeners, "port-1", "serverNames")).toEqual({
    "b.example": "two",
    "*.b.example": "two",
  });
});

test.each([
  "server { listen 1; proxy_pass one; } server { listen 1; proxy_pass two; }",
  "server { listen 1 ssl; proxy_pass one; } server { listen 1 ssl; proxy_pass two; }",
  "server { listen 1; listen 2; proxy_pass one; } server { listen 2; proxy_pass two; }",
  "server { listen 1 ssl; proxy_pass one; } server { listen 1 ssl; server_name ~;proxy_pass one; }",
  "server { listen 1 ssl; ssl_reject_handshake on; proxy_pass one; }",
])("%s is refused", (servers) => {
  const { said } = listenersOf(servers);
  expect(said.filter((line) => !line.includes("notice"))).toHaveLength(1);
});
