// Rules of a plan to lists of functions, by the point at which they run. Once per plan. Pure.

import { fromByteText } from "./byte-text.ts";
import { variablesFor } from "./call.ts";
import type { Evaluator } from "./catalogue-row.ts";
import { always, compileCondition } from "./compile-condition.ts";
import { compileExpression } from "./compile-expression.ts";
import type { Action, CompiledRule, RulePrograms } from "./compiled-rule.ts";
import { counterNumber } from "./counter-fields.ts";
import { keyOf } from "./key.ts";
import type { RuleNames, TableNames } from "./names.ts";
import type { ExpressionPlan } from "./plan-types.ts";
import {
  type ActionPlan,
  type LimitAction,
  RULE_SETS,
  type RulePlan,
  type RuleSet,
} from "./rule.ts";
import type { Excess, RuleOutcome } from "./rule-outcome.ts";
import { NO_NUMBER } from "./rule-outcome.ts";
import type { Subject } from "./subject.ts";
import { ABSENT, cast, textOf, type Value, type ValueType } from "./value.ts";

/**
 * The rules of one listener or one pool.
 * @throws RangeError when a table, pool, server or listener is named that is not there
 */
export function compileRules(plans: readonly RulePlan[], names: RuleNames): RulePrograms {
  const programs = {} as Record<RuleSet, CompiledRule[]>;
  for (const set of RULE_SETS) programs[set] = [];
  for (const { set, action, condition, text } of plans) {
    programs[set].push({
      condition: condition === null ? always : compileCondition(condition, names),
      act: compileAction(action, names),
      text,
    });
  }
  return programs;
}

function compileAction(plan: ActionPlan, names: RuleNames): Action {
  switch (plan.kind) {
    case "accept":
      return () => "accept";
    case "drop":
      return () => "drop";
    case "reject":
      return (_, outcome) => {
        outcome.reasonCode = plan.reasonCode;
        outcome.reason = plan.reason;
        outcome.reference = plan.reference;
        return "reject";
      };
    case "track":
      return track(plan.slot, compileExpression(plan.key, names), tableOf(plan.table, names));
    case "limit":
      return limit(plan, names);
    case "set-variable":
      return withValue(plan.value, names, "any", (value, subject) => {
        variablesFor(subject, plan.name).set(plan.name, value);
      });
    case "unset-variable":
      return (subject) => {
        variablesFor(subject, plan.name).unset(plan.name);
        return "";
      };
    case "count":
      return count(plan.slot, counterNumber(plan.counter));
    case "tag":
      return tag(plan.slot, plan.value, names);
    case "use-server":
      return useServer(serverOf(plan.server, names));
    default:
      return compileRewrite(plan, names);
  }
}

type Rewrite = Extract<
  ActionPlan,
  { kind: "set-source" | "set-source-port" | "use-pool" | "set-field" }
>;

function compileRewrite(plan: Rewrite, names: RuleNames): Action {
  switch (plan.kind) {
    case "set-source":
      return withValue(plan.address, names, "address", (value, _, outcome) => {
        if (value.type === "address") outcome.sourceAddress = value.address;
      });
    case "set-source-port":
      return withValue(plan.port, names, "integer", (value, _, outcome) => {
        const port = value.type === "integer" ? Number(value.integer) : NO_NUMBER;
        if (port >= 0 && port <= 0xffff) outcome.sourcePort = port;
      });
    case "use-pool":
      return usePool(plan.pool, names);
    case "set-field":
      return withValue(plan.value, names, "any", (value, _, outcome) => {
        outcome.fields[plan.field] = textOf(value);
      });
  }
}

// An action that needs a value does nothing without one.
function withValue(
  plan: ExpressionPlan,
  names: RuleNames,
  type: ValueType,
  act: (value: Value, subject: Subject, outcome: RuleOutcome) => void,
): Action {
  const evaluate = compileExpression(plan, names);
  return (subject, outcome) => {
    const answer = evaluate(subject);
    if (answer === ABSENT) return "";
    if (answer.type === "not-yet") return subject.payloadMayGrow ? "wait" : "";
    const value = cast(answer, type);
    if (value !== null) act(value, subject, outcome);
    return "";
  };
}

// The first key that a slot tracks stays: HAProxy has it so, and a rule may run for one connection
// of a listener and for one of its pool.
function track(slot: number, evaluate: Evaluator, table: TableNames): Action {
  return (subject, outcome) => {
    if (subject.tracked.handleOf(slot) > 0) return "";
    const answer = evaluate(subject);
    if (answer === ABSENT) return "";
    if (answer.type === "not-yet") return subject.payloadMayGrow ? "wait" : "";
    const key = keyOf(answer, table.keyType);
    if (key === null) return "";
    const handle = subject.tables[table.number]!.track(key, subject.nowMs);
    if (handle > 0) subject.tracked.set(slot, table.number, handle);
    else outcome.uncounted += 1;
    return "";
  };
}

const CONNECTIONS = counterNumber("conn_cur");
const CONNECTS = counterNumber("conn_rate");

/** MQTT 5.0 reason codes, for clients that have been heard. */
const QUOTA_EXCEEDED = 0x97;
const RATE_EXCEEDED = 0x9f;

// Whoever has no such key has no limit by it.
function limit({ slot, key, table, connections, connects, whose }: LimitAction, names: RuleNames) {
  const follow = track(slot, compileExpression(key, names), tableOf(table, names));
  return (subject: Subject, outcome: RuleOutcome) => {
    const waits = follow(subject, outcome);
    const handle = subject.tracked.handleOf(slot);
    if (waits !== "" || handle === 0) return waits;
    const store = subject.tables[subject.tracked.tableOf(slot)]!;
    const has = (field: number) => store.readTracked(handle, field, subject.nowMs);
    if (connections !== null && has(CONNECTIONS) > connections) {
      return refuse(outcome, "connections", QUOTA_EXCEEDED, `too many connections ${whose}`);
    }
    if (connects !== null && has(CONNECTS) > connects) {
      return refuse(outcome, "connects", RATE_EXCEEDED, `connections ${whose} come too often`);
    }
    return "";
  };
}

function refuse(outcome: RuleOutcome, excess: Excess, code: number, reason: string) {
  outcome.excess = excess;
  outcome.reasonCode = code;
  outcome.reason = reason;
  return "reject" as const;
}

function count(slot: number, field: number): Action {
  return (subject) => {
    const handle = subject.tracked.handleOf(slot);
    const table = subject.tables[subject.tracked.tableOf(slot)];
    if (handle > 0) table?.addTracked(handle, field, 1, subject.nowMs);
    return "";
  };
}

function tag(slot: number, plan: ExpressionPlan, names: RuleNames): Action {
  const field = counterNumber("gpt0");
  return withValue(plan, names, "integer", (value, subject) => {
    const handle = subject.tracked.handleOf(slot);
    if (handle === 0 || value.type !== "integer") return;
    const tagged = Number(BigInt.asUintN(32, value.integer));
    subject.tables[subject.tracked.tableOf(slot)]?.setTracked(handle, field, tagged, subject.nowMs);
  });
}

// The first pool that a rule names is taken; a name that is no pool's is passed over.
function usePool(plan: ExpressionPlan, names: RuleNames): Action {
  const constant = constantText(plan);
  if (constant !== null && !names.pools.has(constant)) {
    throw new RangeError(`Cannot use pool "${constant}": there is no such pool`);
  }
  const take = withValue(plan, names, "text", (value, _, outcome) => {
    if (outcome.pool !== NO_NUMBER || value.type !== "text") return;
    outcome.pool = names.pools.get(fromByteText(value.text)) ?? NO_NUMBER;
  });
  return (subject, outcome) => (outcome.pool === NO_NUMBER ? take(subject, outcome) : "");
}

/** @returns the text of an expression that is one text and nothing else, or null */
export function constantText({ fetch, converters }: ExpressionPlan): string | null {
  const { parts } = fetch;
  if (parts === undefined || converters.length > 0) return null;
  return parts.every((part) => typeof part === "string") ? parts.join("") : null;
}

function useServer(server: number): Action {
  return (_, outcome) => {
    if (outcome.server === NO_NUMBER) outcome.server = server;
    return "";
  };
}

function tableOf(name: string | null, names: RuleNames): TableNames {
  const wanted = name ?? names.ownTable;
  const table = wanted === null ? undefined : names.tables.get(wanted);
  if (table !== undefined) return table;
  if (wanted === null) throw new RangeError("Cannot track: name a table, there is none here");
  throw new RangeError(`Cannot track in table "${wanted}": there is no such table`);
}

function serverOf(name: string, names: RuleNames): number {
  const full = name.includes("/") ? name : `${names.ownPool ?? ""}/${name}`;
  const server = names.servers.get(full);
  if (server !== undefined) return server;
  throw new RangeError(`Cannot use server "${name}": there is no such server`);
}
