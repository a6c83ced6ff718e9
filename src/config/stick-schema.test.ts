import { expect, test } from "vitest";
import { STICK_RULES_MAX } from "../rules/client-key.ts";
import { documentSchema } from "./schema.ts";
import { STICK_TABLE_KEYS } from "./stick-schema.ts";

function parse(pool: object) {
  const pools = { p: { ...pool, servers: ["10.0.0.1:1"] } };
  return documentSchema.safeParse({ listeners: {}, pools });
}

test("a pool has as many rules as workers have bits for", () => {
  const rules = (length: number) => Array.from({ length }, () => ({ by: "source", table: "t" }));
  expect(parse({ stickRules: rules(STICK_RULES_MAX) }).success).toBe(true);
  expect(parse({ stickRules: rules(STICK_RULES_MAX + 1) }).success).toBe(false);
});

test("a rule does both unless it says otherwise", () => {
  const parsed = parse({ stickRules: [{ by: "source", table: "t" }] });
  expect(parsed.data?.pools["p"]?.stickRules).toEqual([{ by: "source", table: "t", use: "both" }]);
});

test("a table that is shared has the keys of one that is not", () => {
  const table = parse({ stick: { by: "source" } }).data?.pools["p"]?.stick;
  expect(Object.keys(table ?? {}).sort()).toEqual([...STICK_TABLE_KEYS, "by"].sort());
});
