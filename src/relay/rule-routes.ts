// The rules of a plan, compiled for a worker: one program a listener and one a pool, and the
// counters that they share with the other workers.
//
// Made once per plan; a plan without rules costs nothing. Throws where a rule names what is not
// there, which the control plane has ruled out.

import { hostname, networkInterfaces } from "node:os";
import { assert } from "../assert.ts";
import { compileRules } from "../rules/compile-rules.ts";
import type { RulePrograms } from "../rules/compiled-rule.ts";
import type { RuleNames, TableNames } from "../rules/names.ts";
import type { RulePlan } from "../rules/rule.ts";
import { NO_FD, type Plan } from "../shm/plan.ts";
import { CounterTable } from "../stick/counter-table.ts";
import type { BanRoute } from "./ban-route.ts";
import { compileKeys, type ExpressionKeys } from "./expression-keys.ts";

export interface RuleRoutes {
  /** By listener number; null: it has no rules. */
  readonly listeners: readonly (RulePrograms | null)[];
  /** By pool number; null: it has no rules. */
  readonly pools: readonly (RulePrograms | null)[];
  /** By pool number; null: its clients are known by no expression. */
  readonly keys: readonly (ExpressionKeys | null)[];
  /** By table number. */
  readonly tables: readonly CounterTable[];
  /** By listener number: whom it bans. */
  readonly bans: readonly (readonly BanRoute[])[];
}

export function openRuleRoutes(plan: Plan, worker: number): RuleRoutes {
  assert(plan.pools.length > 0, "clients have somewhere to go");
  const names = namesOf(plan);
  const compile = (rules: readonly RulePlan[], own: Partial<RuleNames>) =>
    rules.length === 0 ? null : compileRules(rules, { ...names, ...own });
  const tables = plan.counterTables.map((table) => new CounterTable(table, worker));
  return {
    listeners: plan.listeners.map(({ rules, counterTable }) =>
      compile(rules, { ownTable: counterTable }),
    ),
    pools: plan.pools.map(({ name, rules, counterTable }) =>
      compile(rules, { ownTable: counterTable, ownPool: name }),
    ),
    keys: plan.pools.map((pool) => compileKeys(pool, { ...names, ownPool: pool.name })),
    tables,
    bans: plan.listeners.map(({ bans }) =>
      bans.map((ban) => ({ plan: ban, table: tables[names.tables.get(ban.table)!.number]! })),
    ),
  };
}

function namesOf(plan: Plan): RuleNames {
  return {
    tables: new Map(
      plan.counterTables.map(({ name, keyType }, number) => [
        name,
        { number, keyType } satisfies TableNames,
      ]),
    ),
    ownTable: null,
    pools: new Map(plan.pools.map(({ name }, number) => [name, number])),
    servers: new Map(
      plan.pools.flatMap(({ name, servers }) =>
        servers.map((server) => [`${name}/${plan.servers[server]!.name}`, server] as const),
      ),
    ),
    ownPool: null,
    // One that was removed may have the name of another.
    listeners: new Map(
      plan.listeners.flatMap(({ name, fd }, number) => (fd === NO_FD ? [] : [[name, number]])),
    ),
    environment: new Map(Object.entries(process.env).map(([name, value]) => [name, value ?? ""])),
    hostName: hostname(),
    ownAddresses: Object.values(networkInterfaces()).flatMap((all = []) =>
      all.map(({ address }) => address),
    ),
  };
}
