// How an upstream chooses: `hash`, `least_conn`, `random` and `ip_hash`; smooth round robin where
// nothing is said.

import { nearest } from "../explain.ts";
import { DraftMap, scalar } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import type { Emission } from "./emission.ts";
import { asText, type Expression, toExpression } from "./expressions.ts";
import type { Given, Scope } from "./model.ts";

const METHODS = ["hash", "least_conn", "random", "ip_hash"];
/** Methods with which nginx takes no backups. */
const WITHOUT_BACKUPS = ["hash", "random", "ip_hash"];

/** @param server whose clients are meant: variables are its own */
export function emitBalance(
  emission: Emission,
  {
    upstream,
    server,
    pool,
  }: {
    readonly upstream: Scope;
    readonly server: Scope;
    readonly pool: DraftMap;
  },
): void {
  const { report } = emission;
  const [given, second] = METHODS.flatMap((name) => upstream.settings.get(name) ?? []);
  if (second !== undefined) {
    const message = `upstream "${upstream.name.text}" chooses by ${given!.name.text} already`;
    report.error(second.name, message, "one of them");
  }
  if (given === undefined || given.isBroken) {
    pool.put("balance", "smooth-round-robin", { at: upstream.at });
    return;
  }
  refuseBackups(emission, upstream, given);
  if (given.name.text === "hash") emitHash(emission, { given, server, pool });
  else if (given.name.text === "random") emitRandom(emission, given, pool);
  else if (given.name.text === "least_conn") {
    pool.put("balance", "smooth-least-connections", given.name);
  } else {
    const message =
      '"ip_hash" is for http blocks in nginx; clients are hashed by their whole address here';
    report.notice(given.name, message);
    pool.put("balance", "source-hash", given.name);
  }
}

function refuseBackups({ report }: Emission, upstream: Scope, { name }: Given): void {
  if (!WITHOUT_BACKUPS.includes(name.text)) return;
  for (const { args } of upstream.lists.get("server") ?? []) {
    const backup = args.find(({ text }) => text === "backup");
    if (backup === undefined) continue;
    const message = `"backup" cannot stand in an upstream that chooses by ${name.text}`;
    report.error(backup, message, "least_conn, or no method");
  }
}

interface Hashed {
  readonly given: Given;
  readonly server: Scope;
  readonly pool: DraftMap;
}

function emitHash(emission: Emission, { given, server, pool }: Hashed): void {
  const { report } = emission;
  const [word, method] = given.args as [Word, Word?];
  if (method !== undefined && method.text !== "consistent") {
    report.error(method, `"${method.text}" stands behind the key of hash`, "consistent");
  }
  const key = toExpression(emission, word, server);
  if (key === null) return;
  pool.put("balance", "hash", given.name);
  const hash = new DraftMap(given.name);
  hash.set("key", scalar(keyOf(key), word));
  hash.put("type", method === undefined ? "rehash" : "ketama", method ?? given.name);
  pool.set("hash", hash);
}

const KEY_NAMES: Readonly<Record<string, string>> = {
  binary_remote_addr: "source",
  mqtt_preread_clientid: "client-id",
  mqtt_preread_username: "user-name",
  ssl_client_s_dn: "certificate-subject",
};

/** nginx hashes texts: `$remote_addr` is not the address itself, as `source` has it. */
function keyOf(key: Expression): string {
  return KEY_NAMES[key.variable ?? ""] ?? asText(key);
}

/** One server drawn by weight; with `two` the one of two that has fewer connections. */
function emitRandom({ report }: Emission, { name, args }: Given, pool: DraftMap): void {
  const [two, method] = args;
  pool.put("balance", "random", name);
  pool.put("draws", two === undefined ? 1 : 2, two ?? name);
  if (two !== undefined && two.text !== "two") {
    report.error(two, `random is "${two.text}"`, "random, random two or random two least_conn");
  } else if (method !== undefined && method.text !== "least_conn") {
    const near = nearest(method.text, ["least_conn"]);
    const isKnown = method.text.startsWith("least_time");
    const message = isKnown
      ? `"${method.text}" cannot be honoured: it goes by how fast servers answer`
      : `random two goes by "${method.text}"`;
    report.error(method, message, near === null && isKnown ? null : "least_conn");
  }
}
