// The limits by key of a listener, which are rules of their own kind: each is a table of counters,
// a slot that tracks the client in it, and a rule that refuses whoever is beyond.
//
// Their slots lie behind those of the operator's rules. Bounded by the rows here.

import { assert } from "../assert.ts";
import { parseExpression } from "../rules/parse-expression.ts";
import type { RulePlan, RuleSet } from "../rules/rule.ts";
import { SLOTS_MAX, TRACKED_MAX } from "../rules/tracked-slots.ts";
import type { ListenerDocument } from "./schema.ts";
import type { CounterTableSettings } from "./settings.ts";

type Limits = ListenerDocument["limits"];
export type LimitName = keyof Limits;

/** A key is remembered for so long at least. */
const EXPIRE_MIN_MS = 60_000;

interface LimitRow {
  readonly name: LimitName;
  readonly keyType: CounterTableSettings["keyType"];
  /** What must be there for it. */
  readonly needs: "address" | "certificate" | "connect";
  readonly keyOf: (limits: Limits) => string;
  /** Of what a client has too many, to be read after "connections". */
  readonly whose: string;
}

/** The earliest first: who is refused by one is not counted by the next. */
const ROWS: readonly LimitRow[] = [
  {
    name: "perAddress",
    keyType: "address",
    needs: "address",
    keyOf: () => "src",
    whose: "from this address",
  },
  {
    name: "perNetwork",
    keyType: "address",
    needs: "address",
    keyOf: ({ perNetwork }) => `src,ipmask(${perNetwork?.ipv4},${perNetwork?.ipv6})`,
    whose: "from this network",
  },
  {
    name: "perCertificate",
    keyType: "text",
    needs: "certificate",
    keyOf: () => "ssl_c_s_dn",
    whose: "with this certificate",
  },
  {
    name: "perClientId",
    keyType: "text",
    needs: "connect",
    keyOf: () => "mqtt.client_id",
    whose: "with this client id",
  },
  {
    name: "perUserName",
    keyType: "text",
    needs: "connect",
    keyOf: () => "mqtt.user_name",
    whose: "of this user",
  },
];

/** One limit of a listener, as a rule. */
export interface ExpandedLimit {
  readonly name: LimitName;
  readonly needs: LimitRow["needs"];
  readonly table: CounterTableSettings;
  readonly rule: RulePlan;
}

/** @param name of the listener */
export function expandLimits(name: string, listener: ListenerDocument): readonly ExpandedLimit[] {
  assert(TRACKED_MAX + ROWS.length <= SLOTS_MAX, "each limit has a slot");
  return ROWS.flatMap((row, index) => {
    const { connections, rate, publishes, bytes } = listener.limits[row.name] ?? {};
    if ((connections ?? rate ?? publishes ?? bytes) === undefined) return [];
    const table = tableOf(name, row, listener.limits);
    const slot = TRACKED_MAX + index;
    const rule = ruleOf(row, { listener, slot, table: table.name });
    return [{ name: row.name, needs: row.needs, table, rule }];
  });
}

function tableOf(listener: string, row: LimitRow, limits: Limits): CounterTableSettings {
  const { rate, size = 1, publishes = null, bytes = null } = limits[row.name] ?? {};
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
      ...(publishes === null ? [] : [{ field: "publish_meter" as const, periodMs: 0 }]),
      ...(bytes === null ? [] : [{ field: "byte_meter" as const, periodMs: 0 }]),
    ],
    ...(publishes === null && bytes === null ? {} : { meters: { publishes, bytes } }),
  };
}

interface Tracked {
  readonly listener: ListenerDocument;
  readonly slot: number;
  readonly table: string;
}

function ruleOf(row: LimitRow, { listener, slot, table }: Tracked): RulePlan {
  const { connections = null, rate } = listener.limits[row.name] ?? {};
  const text = row.keyOf(listener.limits);
  const { plan: key } = parseExpression(text);
  assert(key !== null, "an expression of our own can be read");
  const connects = rate?.count ?? null;
  const limits = { connections, connects, whose: row.whose };
  const action = { kind: "limit", slot, key, table, ...limits } as const;
  return { set: setOf(row, listener), action, condition: null, text: `limit ${text}` };
}

// An address is certain at once, unless a PROXY header names another one. Whoever else is refused
// has said a CONNECT, and so can be answered in MQTT.
function setOf({ needs }: LimitRow, { proxyProtocol }: ListenerDocument): RuleSet {
  if (needs !== "address") return "content";
  return proxyProtocol === undefined ? "connection" : "session";
}
