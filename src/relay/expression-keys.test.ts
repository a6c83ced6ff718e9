import { describe, expect, it } from "vitest";
import { makeHashPlan } from "../../tests/fixtures/hash-plan.ts";
import { NO_NAMES } from "../../tests/fixtures/rule-subject.ts";
import { Scene } from "../../tests/relay/relay-scene.ts";
import { parseCondition } from "../rules/parse-condition.ts";
import { parseExpression } from "../rules/parse-expression.ts";
import { compileKeys } from "./expression-keys.ts";

const EXPRESSION = parseExpression("src").plan!;

describe("compileKeys", () => {
  it("has what a pool has as an expression, and is null where it has none", () => {
    const [pool] = new Scene().plan.pools;
    expect(compileKeys(pool!, NO_NAMES)).toBeNull();
    const key = { kind: "expression", expression: EXPRESSION } as const;
    const hashed = compileKeys({ ...pool!, hash: { ...makeHashPlan("source"), key } }, NO_NAMES);
    expect([hashed?.stick, typeof hashed?.hash]).toEqual([[], "function"]);
    const stick = { by: "expression", expression: EXPRESSION, table: 0 } as const;
    const stuck = compileKeys({ ...pool!, stick: [stick] }, NO_NAMES)!;
    expect([typeof stuck.stick[0]!.key, stuck.hash]).toEqual(["function", null]);
  });

  it("has a condition where a rule has one, whatever its key is", () => {
    const [pool] = new Scene().plan.pools;
    const condition = parseCondition("{ src 192.0.2.0/24 }").plan!;
    const stick = [
      { by: "source", table: 0 },
      { by: "client-id", table: 0, condition },
    ] as const;
    const keys = compileKeys({ ...pool!, stick }, NO_NAMES)!;
    expect(keys.stick.map((rule) => [typeof rule.condition, rule.key])).toEqual([
      ["object", null],
      ["function", null],
    ]);
  });
});
