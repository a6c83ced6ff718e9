import { expect, test } from "vitest";
import { clientKeysOf, stickConditionsOf } from "./client-keys.ts";
import { documentSchema } from "./schema.ts";

function poolOf(keys: object) {
  const servers = ["10.0.0.1:1"];
  return documentSchema.parse({ listeners: {}, pools: { p: { ...keys, servers } } }).pools["p"]!;
}

test("a pool knows its clients by what it hashes and what it sticks by", () => {
  const hashed = poolOf({ balance: "hash", hash: { key: "dst" }, stick: { by: "source" } });
  expect(clientKeysOf(hashed)).toEqual([
    { key: "dst", path: ["hash", "key"], what: "balances by dst" },
    { key: "source", path: ["stick", "by"], what: "sticks by source" },
  ]);
  const implied = poolOf({ balance: "client-id-hash" });
  expect(clientKeysOf(implied).map(({ key }) => key)).toEqual(["client-id"]);
  expect(clientKeysOf(poolOf({}))).toEqual([]);
});

test("of several rules each has its key, and some have conditions", () => {
  const rules = [
    { by: "client-id", table: "t" },
    { by: "src", if: "TRUE", table: "t" },
  ];
  const pool = poolOf({ stickRules: rules });
  expect(clientKeysOf(pool).map(({ path }) => path)).toEqual([
    ["stickRules", 0, "by"],
    ["stickRules", 1, "by"],
  ]);
  expect(stickConditionsOf(pool)).toEqual([{ text: "TRUE", path: ["stickRules", 1, "if"] }]);
});
