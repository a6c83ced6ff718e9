import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { documentOf } from "../../../tests/fixtures/nginx-document.ts";
import { quote } from "./lookups.ts";

/** The rules that choose a pool by `$p`. */
function poolRules(block: string) {
  const { plain, said } = documentOf(`stream { ${block}
upstream x { server a:1; } upstream y { server b:1; } server { listen 1; proxy_pass $p; } }`);
  return { rules: at(plain, "listeners", "port-1", "rules"), said };
}

test.each([
  ["a", "-m str -i -- a"],
  ["~^a", "-m reg -- ^a"],
  ["~*^a", "-m reg -i -- ^a"],
  ["\\default", "-m str -i -- default"],
  ["'a b'", "-m str -i -- 'a b'"],
])("map: %s", (key, match) => {
  const { rules } = poolRules(`map $mqtt_preread_clientid $p { default y; ${key} x; }`);
  expect(at(rules, "pool")).toEqual([`use-pool x if { mqtt.client_id ${match} }`]);
});

test.each([
  ["*.a.example", "-m end -i -- .a.example"],
  ["a.*", "-m beg -i -- a."],
  [".a.example", "-m reg -i -- '(^|\\.)a\\.example$'"],
])("map of host names: %s", (key, match) => {
  const { rules } = poolRules(`map $ssl_cipher $p { hostnames; default y; ${key} x; }`);
  expect(at(rules, "pool")).toEqual([`use-pool x if { ssl_fc_cipher ${match} }`]);
});

test("geo: the narrowest network first", () => {
  const { rules } = poolRules("geo $p { default y; 10.0.0.0/8 x; 10.1.0.0/16 y; }");
  expect(at(rules, "pool", 0)).toBe("use-pool y if { src 10.1.0.0/16 }");
});

test("split_clients: shares that follow each other", () => {
  const { rules } = poolRules("split_clients $remote_addr $p { 10% x; 0.5% y; * y; }");
  expect(at(rules, "pool", 1)).toBe("use-pool y if { src,lower,xxh32,mod(10000) lt 1050 }");
});

test.each([
  "map $hostname $p { default x; a b c; }",
  "geo $p { default x; nowhere y; }",
  "split_clients $hostname $p { half x; * y; }",
])("%s is refused", (block) => expect(poolRules(block).said).toHaveLength(1));

test("words of rules", () => {
  expect([quote("a"), quote("a b"), quote("it's"), quote('"')]).toEqual([
    "a",
    "'a b'",
    '"it\'s"',
    "'\"'",
  ]);
});
