import { expect, it } from "vitest";
import { parseCondition } from "./parse-condition.ts";
import { parseExpression } from "./parse-expression.ts";
import { parseRule } from "./parse-rule.ts";
import { referencesOfCondition, referencesOfExpression, referencesOfRule } from "./references.ts";

it("references are the names that plans depend on, with their places", () => {
  const expression = parseExpression("src,table_conn_cnt(clients)").plan!;
  expect(referencesOfExpression(expression)).toEqual([{ kind: "table", name: "clients", at: 4 }]);
  const condition = parseCondition("{ nbsrv(blue) lt 2 } || { srv_is_up(blue/a) } { src x }").plan;
  expect(condition).toBeNull();
  const good = parseCondition("{ nbsrv(blue) lt 2 } || { srv_is_up(blue/a) } { fe_conn gt 1 }")
    .plan!;
  expect(referencesOfCondition(good).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    ...["pool blue", "server blue/a"],
  ]);
});

it("references of rules are those of their actions too", () => {
  const of = (text: string, set: "content" | "server" = "content") =>
    referencesOfRule(parseRule(text, set).plan!).map(({ kind, name }) => `${kind} ${name}`);
  expect(of("track-sc0 src table t if { src_conn_cnt(u) gt 1 }")).toEqual(["table u", "table t"]);
  expect(of("track-sc0 src")).toEqual([]);
  expect(of("use-pool blue")).toEqual(["pool blue"]);
  expect(of("use-pool b-%[src,table_gpc0(v)]")).toEqual(["table v"]);
  expect(of("use-server a if TRUE", "server")).toEqual(["server a"]);
});
