// The limits by key of a listener, which are rules in short: each is a table of counters, a slot
// that tracks the client in it, and a rule that refuses whoever is beyond. What they stand for can
// be written out in `counters` and `rules` to the same effect.
//
// Slots are taken from the last one down, so that the operator's own rules have the first ones.

import { assert } from "../assert.ts";
import { parseRule } from "../rules/parse-rule.ts";
import type { RulePlan, RuleSet } from "../rules/rule.ts";
import { TRACKED_MAX } from "../rules/tracked-slots.ts";
import type { RateLimit } from "./rules-schema.ts";
import type { ListenerDocument } from "./schema.ts";
import type { CounterTableSettings } from "./settings.ts";

type Limits = ListenerDocument["limits"];
export type LimitName = keyof Limits;

/** MQTT 5.0 reason codes, for clients that have been heard. */
const QUOTA_EXCEEDED = "0x97";
const RATE_EXCEEDED = "0x9f";

/** A key is remembered for so long at least. */
const EXPIRE_MIN_MS = 60_000;

interface LimitRow {
  readonly name: LimitName;
  readonly keyType: CounterTableSettings["keyType"];
  /** Whether it can be told before the CONNECT. */
  readonly isEarly: boolean;
  readonly keyOf: (limits: Limits) => string;
  /** Of what a client has too many, to be read after "connections". */
  readonly whose: string;
}

const ROWS: readonly LimitRow[] = [
  {
    name: "perAddress",
    keyType: "address",
    isEarly: true,
    keyOf: () => "src",
    whose: "from this address",
  },
  {
    name: "perNetwork",
    keyType: "address",
    isEarly: true,
    keyOf: ({ perNetwork }) => `src,ipmask(${perNetwork?.ipv4},${perNetwork?.ipv6})`,
    whose: "from this network",
  },
  {
    name: "perClientId",
    keyType: "text",
    isEarly: false,
    keyOf: () => "mqtt.client_id",
    whose: "with this client id",
  },
  {
    name: "perUserName",
    keyType: "text",
    isEarly: false,
    keyOf: () => "mqtt.user_name",
    whose: "of this user",
  },
];

/** One limit of a listener, as rules. */
export interface ExpandedLimit {
  readonly name: LimitName;
  /** Below 0: no slot is left. */
  readonly slot: number;
  readonly isEarly: boolean;
  readonly table: CounterTableSettings;
  readonly rules: readonly RulePlan[];
}

/** @param name of the listener */
export function expandLimits(name: string, listener: ListenerDocument): readonly ExpandedLimit[] {
  const given = ROWS.filter((row) => {
    const limit = listener.limits[row.name];
    return limit?.connections !== undefined || limit?.rate !== undefined;
  });
  return given.map((row, index) => {
    const slot = TRACKED_MAX - 1 - index;
    const table = tableOf(name, row, listener.limits);
    const rules = slot < 0 ? [] : rulesOf(row, { listener, slot, table: table.name });
    return { name: row.name, slot, isEarly: row.isEarly, table, rules };
  });
}

function tableOf(listener: string, row: LimitRow, limits: Limits): CounterTableSettings {
  const { rate, size = 1 } = limits[row.name] ?? {};
  const periodMs = rate?.periodMs ?? 0;
  return {
    // No table of the operator has a slash in its name.
    name: `${listener}/${row.name}`,
    keyType: row.keyType,
    entriesMax: size,
    expireMs: Math.max(EXPIRE_MIN_MS, 2 * periodMs),
    counters: [
      { field: "conn_cur", periodMs: 0 },
      ...(rate === undefined ? [] : [{ field: "conn_rate" as const, periodMs }]),
    ],
  };
}

interface Tracked {
  readonly listener: ListenerDocument;
  readonly slot: number;
  readonly table: string;
}

function rulesOf(row: LimitRow, { listener, slot, table }: Tracked): readonly RulePlan[] {
  const { connections, rate } = listener.limits[row.name] ?? {};
  const set = setOf(row, listener);
  const texts = [`track-sc${slot} ${row.keyOf(listener.limits)} table ${table}`];
  if (connections !== undefined) {
    const refusal = refusalOf(row, QUOTA_EXCEEDED, `too many connections ${row.whose}`);
    texts.push(`${refusal} if { sc${slot}_conn_cur gt ${connections} }`);
  }
  if (rate !== undefined) texts.push(rateRule(row, rate, slot));
  return texts.map((text) => {
    const { plan, problems } = parseRule(text, set);
    assert(plan !== null && problems.length === 0, "A rule of our own can be read");
    return plan;
  });
}

function rateRule(row: LimitRow, rate: RateLimit, slot: number): string {
  const refusal = refusalOf(row, RATE_EXCEEDED, `connections ${row.whose} come too often`);
  return `${refusal} if { sc${slot}_conn_rate gt ${rate.count} }`;
}

// Whoever has said nothing yet cannot be answered in MQTT.
function refusalOf({ isEarly }: LimitRow, code: string, reason: string): string {
  return isEarly ? "reject" : `reject code ${code} reason '${reason}'`;
}

// An address is certain at once, unless a PROXY header names another one.
function setOf({ isEarly }: LimitRow, { proxyProtocol }: ListenerDocument): RuleSet {
  if (!isEarly) return "content";
  return proxyProtocol === undefined ? "connection" : "session";
}
