import { describe, expect, it } from "vitest";
import { makeHashRule, makePool } from "../../tests/contract/pool-fixture.ts";
import { algorithmOf } from "./algorithms.ts";
import { BALANCE_ROWS, type BalanceName } from "./balance.ts";
import { HASH_TYPE_ROWS, type HashType } from "./hash-plan.ts";

const members = makePool("random", [{}]).plan.servers;
const plan = { members, weightUnit: 1, hash: null, draws: 2 };

describe("algorithmOf", () => {
  it("has one for every name, and for every type of hash", () => {
    for (const [name, { key }] of Object.entries(BALANCE_ROWS) as [
      BalanceName,
      { key: string },
    ][]) {
      const hash = key === "none" ? null : makeHashRule("consistent");
      expect(
        algorithmOf(name, { ...plan, hash }).words(plan.hash === hash ? plan : { ...plan, hash }),
      ).toBeGreaterThanOrEqual(0);
    }
    const types = Object.keys(HASH_TYPE_ROWS) as HashType[];
    for (const type of types) algorithmOf("hash", { ...plan, hash: makeHashRule(type) });
  });

  it("wants a rule for a hash", () => {
    expect(() => algorithmOf("hash", plan)).toThrow("a pool that balances by a hash has a rule");
  });
});
