import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { documentOf } from "../../../tests/fixtures/nginx-document.ts";
import { spread } from "./find-pools.ts";

function passedTo(target: string, blocks = "") {
  const { plain, said } = documentOf(`stream { ${blocks} upstream nodes { server a:1; }
upstream others { server b:1; }
server { listen 1; ssl_preread on; proxy_pass ${target}; } }`);
  const errors = said.filter((line) => !line.includes("notice"));
  return { listener: at(plain, "listeners", "port-1"), pools: at(plain, "pools"), errors };
}

test.each([
  ["nodes", "nodes"],
  ['"nodes"', "nodes"],
  ["10.0.0.1:1883", "10.0.0.1:1883"],
  ["[::1]:1883", "ipv6-::1:1883"],
])("%s", (target, pool) => {
  const { listener, pools } = passedTo(target);
  expect(at(listener, "pool")).toBe(pool);
  expect(Object.keys(pools as object)).toEqual([pool]);
});

test("a map of server names is one here", () => {
  const map = "map $ssl_preread_server_name $p { A.example others; default nodes; }";
  const { listener } = passedTo("$p", map);
  expect(listener).toMatchObject({ pool: "nodes", serverNames: { "a.example": "others" } });
});

test("what stands around the variable belongs to each address", () => {
  const map = "map $ssl_preread_server_name $p { a.example 10.0.0.1; default 10.0.0.2; }";
  const { listener } = passedTo("$p:1883", map);
  expect(listener).toMatchObject({ pool: "10.0.0.2:1883" });
});

test("without a default, other names lead to nobody", () => {
  const map = "map $ssl_preread_server_name $p { a.example nodes; }";
  const { listener, pools } = passedTo("$p", map);
  expect(listener).toMatchObject({ pool: "nowhere", serverNames: { "a.example": "nodes" } });
  expect(at(pools, "nowhere", "servers", 0, "state")).toBe("maintenance");
});

test("without a default, rules turn away what leads nowhere", () => {
  const { listener } = passedTo("$p", "map $hostname $p { a nodes; }");
  expect(at(listener, "rules")).toEqual({
    content: ["reject unless { hostname -m str -i -- a }"],
    pool: ["use-pool nodes if { hostname -m str -i -- a }"],
  });
});

test("names in a hello are matched whole, or by their end", () => {
  const { errors } = passedTo("$p", "map $ssl_preread_server_name $p { ~a nodes; }");
  expect(errors).toEqual([expect.stringContaining("$ssl_preread_server_name")]);
});

test.each(["node", "10.0.0.1", "$remote_addr", "$remote_addr:1883", "10.0.0.1:0"])(
  "%s is refused",
  (target) => expect(passedTo(target).errors).toHaveLength(1),
);

test("a dot at the beginning is the name and all that end so", () => {
  expect(spread(".A.example", 1)).toEqual([
    ["a.example", 1],
    ["*.a.example", 1],
  ]);
});
