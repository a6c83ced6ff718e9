import { describe, expect, it } from "vitest";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import type { Settings } from "../config/settings.ts";
import type { Plan } from "../shm/plan.ts";
import { createPlan } from "./plan.ts";
import { findTableBefore, planStickiness, planStickTables } from "./stick-tables.ts";

const HEAD = "listeners: { mqtt: { listen: '0.0.0.0:1883', pool: p } }";

function shared(table: string, ...pools: readonly string[]): Promise<Settings> {
  const named = pools.map((stick, i) => `  ${"pq"[i]}: { ${stick} servers: ['10.0.0.${i}:1'] }`);
  return settingsFrom(`${HEAD}\nstickTables: { t: ${table} }\npools:\n${named.join("\n")}\n`);
}

describe("planStickTables", () => {
  it("makes a table for each pool that wants one of its own, of whole seconds", async () => {
    const { stickTables } = createPlan(await settingsFrom(TWO_POOLS), 1);
    expect(stickTables).toMatchObject([
      { name: "brokers", keys: ["client-id"], settings: { entriesMax: 1000, expirySeconds: 91 } },
    ]);
  });

  it("makes one table for all that name it", async () => {
    const by = (key: string) => `stick: { by: ${key}, table: t },`;
    const settings = await shared("{ size: 9 }", by("client-id"), by("user-name"));
    const [table, ...others] = planStickTables(settings, null);
    expect(others).toEqual([]);
    expect(table).toMatchObject({ name: "t", keys: ["client-id", "user-name"] });
  });

  it("keeps memory as long as size and some key stay, and the seed for another size", async () => {
    const planOf = async (table: string, stick: string, previous: Plan | null) => {
      const plan = createPlan(await shared(table, `stick: { ${stick} },`), 1, previous);
      return { plan, table: plan.stickTables[0]! };
    };
    const first = await planOf("{ size: 9 }", "by: client-id, table: t", null);
    const longer = await planOf("{ size: 9, expire: 2h }", "by: client-id, table: t", first.plan);
    expect(longer.table.memory).toBe(first.table.memory);
    expect(longer.table.settings.expirySeconds).toBe(7200);
    const larger = await planOf("{ size: 99 }", "by: client-id, table: t", first.plan);
    expect(larger.table.memory).not.toBe(first.table.memory);
    expect(larger.table.settings.seed).toBe(first.table.settings.seed);
    const other = await planOf("{ size: 9 }", "by: source, table: t", first.plan);
    expect(other.table.memory).not.toBe(first.table.memory);
    expect(findTableBefore(first.plan, other.table)).toBeUndefined();
  });
});

describe("planStickiness", () => {
  it("gives each rule what its table says", async () => {
    const { pools, stickTables } = await shared(
      "{ followSession: true }",
      "stick: { by: client-id, table: t },",
      "stick: { by: source },",
    );
    const plans = pools.map(({ stick }) => planStickiness(stick, stickTables));
    const rest = { expression: null, condition: null, matches: true, stores: true };
    expect(plans).toEqual([
      [{ by: "client-id", table: 0, isShared: true, followsSession: true, ...rest }],
      [{ by: "source", table: 1, isShared: false, followsSession: false, ...rest }],
    ]);
  });
});
