import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { documentOf } from "../../../tests/fixtures/nginx-document.ts";

function rulesOf(blocks: string, value = "$a") {
  const { plain, said } = documentOf(`stream { ${blocks}
server { listen 1; proxy_pass b:1; mqtt on; mqtt_set_connect username ${value}; } }`);
  expect(said).toEqual([]);
  return at(plain, "listeners", "port-1", "rules");
}

test("the first case that is true has the last word", () => {
  expect(rulesOf("map $mqtt_preread_clientid $a { default d; b 1; ~c 2; }")).toEqual({
    content: [
      "set-var(txn.a) str('d')",
      "set-var(txn.a) str('2') if { mqtt.client_id -m reg -- c }",
      "set-var(txn.a) str('1') if { mqtt.client_id -m str -i -- b }",
      "set-user-name %[var(txn.a)]",
    ],
  });
});

test("what is known early is looked up early", () => {
  const rules = rulesOf("geo $a { 10.0.0.0/8 near; }");
  expect(at(rules, "connection")).toEqual(["set-var(txn.a) str('near') if { src 10.0.0.0/8 }"]);
});

test("one map may look up what another one found", () => {
  const rules = rulesOf("map $b $a { x y; } map $mqtt_preread_clientid $b { i x; }");
  expect(at(rules, "content", 0)).toContain("set-var(txn.b)");
  expect(at(rules, "content", 1)).toContain("set-var(txn.a) str('y') if { var(txn.b)");
});
