// The keys of stickiness in fairlead.yaml: `stickTables` of the document, `stick` and `stickRules`
// of a pool, `stick` of a server.
//
// One row a key, as in schema.ts, which puts these keys where they belong.

import * as z from "zod";
import { STICK_RULES_MAX } from "../rules/client-key.ts";
import { clientKey } from "./balance-schema.ts";
import {
  asItem,
  choice,
  count,
  duration,
  flag,
  named,
  optional,
  required,
  section,
  text,
  withDefault,
} from "./field.ts";

const tableName = () => text({ max: 64, expected: "the name of a table in stickTables" });

const BY_DOC =
  "What a returning client is known by: `client-id`, `source`, `user-name`, " +
  "`certificate-name` (the common name in its certificate), `certificate-subject` (the whole " +
  "subject), or an expression such as `src,ipmask(24)`. Listeners that read no CONNECT know " +
  "no client id and no user name.";

const by = () =>
  required(clientKey(), { takesEffect: "drain", doc: BY_DOC, placeholder: "source" });

const tableKeys = {
  size: withDefault(count({ min: 1, max: 10_000_000 }), {
    value: 100_000,
    takesEffect: "drain",
    doc: "Clients that are remembered; the one not seen for longest makes room for a new one.",
  }),
  expire: withDefault(duration({ min: "1s", max: "30d" }), {
    value: "30m",
    takesEffect: "live",
    doc: "How long a client is remembered after it was last seen; see followSession.",
  }),
  followSession: withDefault(flag(), {
    value: false,
    takesEffect: "drain",
    doc:
      "Whether an MQTT client is remembered while it is connected and then as long as its " +
      "session can live instead, at most for `expire`: not at all with Clean Session of 3.1.1 " +
      "or a Session Expiry Interval of 0, for the interval that the DISCONNECT, the CONNACK or " +
      "the CONNECT of 5.0 gives, and for `expire` where the session has no end. Clients have to " +
      "be known by `client-id`.",
  }),
};

/** What a table that pools share does not have in their own sections. */
export const STICK_TABLE_KEYS = Object.keys(tableKeys);

const stick = section({
  by: by(),
  table: optional(tableName(), {
    fallback: "one of the pool's own",
    takesEffect: "drain",
    doc:
      "A table in `stickTables`, whose other keys count then. Pools that name the same one send " +
      "a client to servers of the same name, or, where there is none, of the same `id`.",
  }),
  ...tableKeys,
});

const stickRule = asItem(
  section({
    by: by(),
    if: optional(text({ max: 65_536, expected: "a condition such as { src 10.0.0.0/8 }" }), {
      fallback: "every client",
      takesEffect: "drain",
      doc: "Whom it is about: a condition of rules, which may name acls of the pool.",
    }),
    use: withDefault(choice(["both", "match", "store"]), {
      value: "both",
      takesEffect: "drain",
      doc: "Whether the table is asked for the client, remembers it, or both.",
    }),
    table: required(tableName(), {
      takesEffect: "drain",
      doc: "The table in `stickTables`.",
      placeholder: "",
    }),
  }),
  { takesEffect: "drain", doc: "One way to know a client." },
);

/** Of the document. */
export const stickTableKeys = {
  stickTables: withDefault(named("sticky tables", section(tableKeys)), {
    value: {},
    takesEffect: "drain",
    doc: "Tables of where clients were, which pools share; by name.",
  }),
};

/** Of a pool. */
export const poolStickKeys = {
  stick: optional(stick, {
    fallback: "none",
    takesEffect: "drain",
    doc: "A table that sends returning clients to the server they had; balancing does the rest.",
  }),
  stickRules: withDefault(
    {
      schema: z.array(stickRule).max(STICK_RULES_MAX),
      kind: "section",
      expected: `a list of at most ${STICK_RULES_MAX} mappings with the keys by and table`,
    },
    {
      value: [],
      takesEffect: "drain",
      doc:
        "In the place of `stick`: several ways to know clients again, asked in order until a " +
        "table has a server that may be used. In each table a client is remembered by the first " +
        "of its rules that has a key; those behind it pass the client by.",
    },
  ),
};

/** Keys of a server. */
export const serverStickKeys = {
  stick: withDefault(flag(), {
    value: true,
    takesEffect: "drain",
    doc:
      "Whether sticky tables remember clients that come here. Where a backup's are not " +
      "remembered, they go back to the server that they had once it is up again.",
  }),
};
