// The keys of rules in fairlead.yaml: `acls` and `rules` of listeners and pools, the tables of
// counters that rules go by, and limits by key, which are rules in short.
//
// One row a key, as in schema.ts, which puts these keys where they belong. What stands in the texts
// of rules is checked by read-rules.ts.

import * as z from "zod";
import { COUNTER_FIELDS, type CounterField } from "../rules/counter-fields.ts";
import { parseDuration } from "./duration.ts";
import {
  asItem,
  choice,
  count,
  duration,
  optional,
  required,
  section,
  text,
  withDefault,
} from "./field.ts";
import { parseSize } from "./size.ts";

/** The longest text of a rule, and the most rules of a list. */
const RULE_SIZE_MAX = 65_536;
const RULES_MAX = 10_000;

const PERIOD = { min: "10ms", max: "24d" };

const ruleText = z.string().min(1).max(RULE_SIZE_MAX);

function ruleTexts(doc: string) {
  const schema = z.array(ruleText).max(RULES_MAX);
  const expected = "a list of rules such as [reject if { src 10.0.0.0/8 }]";
  const field = { schema, kind: "texts", expected } as const;
  return withDefault(field, { value: [], takesEffect: "drain", doc });
}

const aclTests = z
  .union([ruleText, z.array(ruleText).min(1).max(RULES_MAX)])
  .transform((written) => (typeof written === "string" ? [written] : written));

const acls = {
  schema: z.record(z.string(), aclTests),
  kind: "section",
  expected: "a mapping from names to tests, each a text or a list of texts",
} as const;

const aclsKey = withDefault(acls, {
  value: {},
  takesEffect: "drain",
  doc:
    "Tests by name, for the conditions of the rules beside them: `local: src 10.0.0.0/8`, in the " +
    "syntax of HAProxy's `acl`. Of a list of texts any will do.",
});

const tableName = text({ max: 64, expected: "the name of a table of counters" });

const ownTable = optional(tableName, {
  fallback: "none",
  takesEffect: "drain",
  doc: "The table of counters that rules mean here when they name none.",
});

const listenerRules = section({
  connection: ruleTexts(
    "Run when a client has connected, before its PROXY header and its TLS handshake.",
  ),
  session: ruleTexts("Run when the client's address is certain and its TLS handshake is over."),
  content: ruleTexts(
    "Run when the CONNECT is there: these may also rewrite it (`set-client-id`, `set-user-name`, " +
      "`set-password`). Where the protocol is not `mqtt`, when the first bytes are.",
  ),
  pool: ruleTexts("Choose the pool: `use-pool blue if { mqtt.client_id -m beg blue- }`."),
});

const poolRules = section({
  content: ruleTexts("Run when the CONNECT is there and the pool is chosen."),
  server: ruleTexts("Choose the server: `use-server a if { src 10.1.0.0/16 }`."),
});

const RULES_DOC =
  "What happens to clients, in the language of HAProxy's `tcp-request`: an action, and behind " +
  "`if` or `unless` a condition. The lists run one after the other; in each the first `accept` " +
  "or `reject` ends it.";

const RATE_PATTERN = /^(\d{1,9})\/(?:(\d+)(ms|s|m|h|d)|(s|m|h))$/;

export interface RateLimit {
  readonly count: number;
  readonly periodMs: number;
}

/** `5/s`, `100/10s`. */
function parseRate(written: string): RateLimit | null {
  const [, digits, amount = "1", longUnit, shortUnit] = RATE_PATTERN.exec(written) ?? [];
  const periodMs = parseDuration(`${amount}${longUnit ?? shortUnit ?? ""}`);
  if (!(Number(digits) > 0) || periodMs === null || periodMs < 100) return null;
  return periodMs > 86_400_000 ? null : { count: Number(digits), periodMs };
}

function rateField(
  parse: (written: string) => RateLimit | null,
  words: { readonly expected: string; readonly bounds: string },
) {
  const schema = z.string().transform((written, context): RateLimit => {
    const limit = parse(written);
    if (limit !== null) return limit;
    context.addIssue({ code: "custom", message: "Invalid rate" });
    return z.NEVER;
  });
  return { schema, kind: "text", ...words } as const;
}

/** So many over a time. */
export const rate = rateField(parseRate, {
  expected: "a rate such as 5/s, 100/10s or 30/m, over a day at most",
  bounds: "such as `5/s` or `100/10s`",
});

const BYTE_RATE_PATTERN = /^([^/]+)\/(\d*(?:ms|s|m|h|d))$/;
const BYTES_PER_SECOND_MIN = 1_024;
const PACED_PERIOD_MAX_MS = 60_000;

/** `1MiB/s`, `64KiB/10s`. */
function parseByteRate(written: string): RateLimit | null {
  const [, amount = "", period = ""] = BYTE_RATE_PATTERN.exec(written) ?? [];
  const bytes = parseSize(amount);
  const limit = bytes === null ? null : parseRate(`${bytes}/${period}`);
  if (limit === null || limit.periodMs > PACED_PERIOD_MAX_MS) return null;
  return (limit.count * 1_000) / limit.periodMs < BYTES_PER_SECOND_MIN ? null : limit;
}

function parsePublishRate(written: string): RateLimit | null {
  const limit = parseRate(written);
  return limit === null || limit.periodMs > PACED_PERIOD_MAX_MS ? null : limit;
}

const byteRate = rateField(parseByteRate, {
  expected:
    "bytes over a time such as 1MiB/s or 640KiB/10s, over a minute at most, 1KiB/s at least",
  bounds: "such as `1MiB/s`, at least `1KiB/s`",
});

const publishRate = rateField(parsePublishRate, {
  expected: "a rate such as 5/s or 100/10s, over a minute at most",
  bounds: "such as `5/s` or `100/10s`, over a minute at most",
});

const limitKeys = (whose: string) => ({
  connections: optional(count({ min: 1, max: 1_000_000 }), {
    fallback: "no limit",
    takesEffect: "drain",
    doc: `Connections at once ${whose}.`,
  }),
  rate: optional(rate, {
    fallback: "no limit",
    takesEffect: "drain",
    doc: `New connections ${whose} over a time; those that are refused count, too.`,
  }),
  publishes: optional(publishRate, {
    fallback: "no limit",
    takesEffect: "live",
    doc:
      `PUBLISH packets ${whose} over a time, and as many at once. Who sends more is read more ` +
      "slowly; nothing is lost.",
  }),
  bytes: optional(byteRate, {
    fallback: "no limit",
    takesEffect: "live",
    doc: `Bytes that clients ${whose} send over a time, kept to in the same way.`,
  }),
  size: withDefault(count({ min: 1, max: 10_000_000 }), {
    value: 100_000,
    takesEffect: "drain",
    doc: "How many of them are counted; the one not seen for longest makes room for a new one.",
  }),
});

/** What makes a network of addresses. */
export const networkBits = {
  ipv4: withDefault(count({ min: 1, max: 32 }), {
    value: 24,
    takesEffect: "drain",
    doc: "Bits that the IPv4 addresses of one network share.",
  }),
  ipv6: withDefault(count({ min: 1, max: 128 }), {
    value: 64,
    takesEffect: "drain",
    doc: "Bits that the IPv6 addresses of one network share.",
  }),
};

const networkLimits = section({ ...limitKeys("of one network"), ...networkBits });

const limitsBy = (whose: string, doc: string) =>
  optional(section(limitKeys(whose)), { fallback: "no limit", takesEffect: "drain", doc });

const keyLimits = section({
  perAddress: limitsBy("of one address", "What one client address may have."),
  perNetwork: optional(networkLimits, {
    fallback: "no limit",
    takesEffect: "drain",
    doc: "What the client addresses of one network may have together.",
  }),
  perCertificate: limitsBy(
    "with one certificate",
    "What clients with one certificate may have, known by its whole subject.",
  ),
  perClientId: limitsBy("with one client id", "What one client id may have."),
  perUserName: limitsBy("of one user name", "What one user name may have."),
});

/** Keys of a listener. */
export const listenerRuleKeys = {
  limits: withDefault(keyLimits, {
    value: {},
    takesEffect: "drain",
    doc:
      "Limits by who the client is, counted over all workers. Whoever is beyond one is refused: " +
      "by address and network as soon as it is known, else with an answer in MQTT.",
  }),
  counters: ownTable,
  acls: aclsKey,
  rules: withDefault(listenerRules, { value: {}, takesEffect: "drain", doc: RULES_DOC }),
};

/** Keys of a pool. */
export const poolRuleKeys = {
  counters: ownTable,
  acls: aclsKey,
  rules: withDefault(poolRules, {
    value: {},
    takesEffect: "drain",
    doc: "What happens to the clients of this pool, after the rules of their listener.",
  }),
};

const COUNTERS: readonly string[] = COUNTER_FIELDS;
const STORED_PATTERN = /^([a-z0-9_]+)(?:\((\w+)\))?$/;

/** A counter that a table stores; whether it has the period that it needs is a rule's to say. */
export interface StoredDocument {
  readonly field: CounterField;
  /** In ms. */
  readonly period?: number | undefined;
}

/** `conn_cur`, `conn_rate(10s)`. */
function parseStored(written: string): StoredDocument | null {
  const [, name = "", period] = STORED_PATTERN.exec(written) ?? [];
  if (!COUNTERS.includes(name)) return null;
  const field = name as CounterField;
  if (period === undefined) return { field };
  const periodMs = parseDuration(period);
  const [min, max] = [parseDuration(PERIOD.min)!, parseDuration(PERIOD.max)!];
  return periodMs === null || periodMs < min || periodMs > max ? null : { field, period: periodMs };
}

const storedText = z.string().transform((written, context): StoredDocument => {
  const stored = parseStored(written);
  if (stored !== null) return stored;
  context.addIssue({ code: "custom", message: "Invalid counter" });
  return z.NEVER;
});

const storedField = section({
  field: required(choice(COUNTER_FIELDS), {
    takesEffect: "drain",
    doc: "The counter, by the name that HAProxy has for it.",
    placeholder: "conn_cnt",
  }),
  period: optional(duration(PERIOD), {
    fallback: "none",
    takesEffect: "drain",
    doc: "Of a rate: the time over which it counts.",
  }),
});

const stored = asItem(
  {
    schema: z.union([storedText, storedField.schema]),
    kind: "text",
    expected: `a counter such as conn_cur or conn_rate(10s): one of ${COUNTER_FIELDS.join(", ")}`,
    choices: COUNTER_FIELDS,
  },
  { takesEffect: "drain", doc: "One counter." },
);

/** A table of counters. */
export const counterTableSchema = section({
  key: required(choice(["address", "integer", "text", "binary"]), {
    takesEffect: "drain",
    doc: "What keys are made of values that rules track: `text` for client ids and user names.",
    placeholder: "address",
  }),
  size: withDefault(count({ min: 1, max: 10_000_000 }), {
    value: 100_000,
    takesEffect: "drain",
    doc: "Keys that are counted; the one not seen for longest makes room for a new one.",
  }),
  expire: withDefault(duration({ min: "1s", max: "30d" }), {
    value: "10m",
    takesEffect: "live",
    doc: "How long a key is remembered after its last connection has gone.",
  }),
  store: withDefault(
    {
      schema: z.array(stored).max(COUNTER_FIELDS.length),
      kind: "texts",
      expected: "a list of counters such as [conn_cur, conn_rate(10s)]",
    },
    {
      value: ["conn_cur", "conn_cnt"],
      takesEffect: "drain",
      doc:
        "What is counted of each key: connections at once (`conn_cur`), ever (`conn_cnt`), over " +
        "a time (`conn_rate(10s)`); bytes; `gpc0` and `gpt0`, which rules count and set.",
    },
  ),
});
