// The keys of balancing in fairlead.yaml: `balance`, `hash`, `draws` and `backups` of a pool, `id`
// and `hashKey` of a server.
//
// One row a key, as in schema.ts, which puts these keys where they belong.

import { BALANCE_ROWS, type BalanceName } from "../balance/balance.ts";
import {
  HASH_TYPE_ROWS,
  type HashFunction,
  type HashType,
  SERVER_HASH_KEYS,
} from "../balance/hash-plan.ts";
import { CLIENT_KEY_NAMES } from "../rules/client-key.ts";
import { choice, count, flag, optional, section, text, withDefault } from "./field.ts";

const HASH_FUNCTIONS = [
  "murmur3",
  "sdbm",
  "djb2",
  "wt6",
  "crc32",
  "none",
] as const satisfies readonly HashFunction[];

/** One of CLIENT_KEY_NAMES, or an expression, which read-rules.ts checks. */
export function clientKey() {
  const expected = `one of ${CLIENT_KEY_NAMES.join(", ")}, or an expression`;
  return { ...text({ max: 1024, expected }), choices: CLIENT_KEY_NAMES } as const;
}

const hash = section({
  key: optional(clientKey(), {
    fallback: "what the name of `balance` says",
    takesEffect: "drain",
    doc:
      "What a client is hashed by: `source`, `client-id`, `user-name`, `certificate-name`, " +
      "`certificate-subject`, or an expression such as `mqtt.user_name,lower`. Clients that have " +
      "none take turns.",
  }),
  type: withDefault(choice(Object.keys(HASH_TYPE_ROWS) as HashType[]), {
    value: "consistent",
    takesEffect: "drain",
    doc:
      "How a hash becomes a server. `consistent`: even shares, few clients move when a server " +
      "goes. `consistent-16` and `map-based` pick the servers that HAProxy's `hash-type` picks, " +
      "`ketama` and `rehash` those of nginx's `hash` with and without `consistent`.",
  }),
  function: optional(choice(HASH_FUNCTIONS), {
    fallback: "murmur3; sdbm where HAProxy has it, crc32 where nginx has it",
    takesEffect: "drain",
    doc: "From the key to 32 bits. `none` takes the decimal number that the key begins with.",
  }),
  avalanche: optional(flag(), {
    fallback: "true for consistent-16 without a function, else false",
    takesEffect: "drain",
    doc: "Whether the function's result is mixed once more, for functions that mix badly.",
  }),
  loadMax: withDefault(count({ min: 0, max: 10_000 }), {
    value: 0,
    takesEffect: "drain",
    doc:
      "Most connections of a server in percent of its fair share, above 100; whoever would go " +
      "beyond goes to the next server on the ring. 0 sets no bound. For `consistent` and " +
      "`consistent-16`.",
  }),
  whenFull: withDefault(choice(["next", "wait"]), {
    value: "next",
    takesEffect: "drain",
    doc: "Where clients go whose server is full: to the `next` one, or they `wait` in its queue.",
  }),
});

const backups = section({
  use: withDefault(choice(["all", "first"]), {
    value: "all",
    takesEffect: "drain",
    doc: "Whether all backups share the clients, or only the first of them that is up gets them.",
  }),
  when: withDefault(choice(["none-free", "none-usable"]), {
    value: "none-free",
    takesEffect: "drain",
    doc:
      "`none-free`: backups also help out while all other servers are full; `none-usable`: only " +
      "while all others are down.",
  }),
});

/** Keys of a pool. */
export const poolBalanceKeys = {
  balance: withDefault(choice(Object.keys(BALANCE_ROWS) as BalanceName[]), {
    value: "round-robin",
    takesEffect: "drain",
    doc:
      "Who gets the next connection: each server in turn, in HAProxy's dynamic or static order " +
      "or in nginx's (`smooth-`); the one with the fewest connections, as HAProxy or as nginx " +
      "(`smooth-`) compares; the first that is not full; the best of some drawn at random; or " +
      "the one that a hash picks, of the client's address, its id, or of `hash.key`.",
  }),
  hash: optional(hash, {
    fallback: "a consistent hash of what `balance` names",
    takesEffect: "drain",
    doc: "For pools that balance by a hash: of what, and how.",
  }),
  draws: withDefault(count({ min: 1, max: 16 }), {
    value: 2,
    takesEffect: "drain",
    doc: "How many servers `random` draws, to take the one with the fewest connections.",
  }),
  backups: withDefault(backups, {
    value: {},
    takesEffect: "drain",
    doc: "Which of the servers marked as backups get clients, and when.",
  }),
};

/** Keys of a server. */
export const serverBalanceKeys = {
  id: optional(count({ min: 1, max: 1_000_000_000 }), {
    fallback: "the lowest number that no other has, in order, from 1",
    takesEffect: "drain",
    doc: "Its number: `balance: first` goes by it, and some hashes. Unique in its pool.",
  }),
  hashKey: optional(choice(SERVER_HASH_KEYS), {
    fallback: "name; id for consistent-16",
    takesEffect: "drain",
    doc: "What gives it its places on the ring of a consistent hash.",
  }),
};
