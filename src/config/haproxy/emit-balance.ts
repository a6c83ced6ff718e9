// `balance`, `hash-type` and `hash-balance-factor`: how a pool chooses (HAProxy's manual, 4.2).

import { NOTHING_AROUND } from "../../rules/surroundings.ts";
import { documentSchema } from "../schema.ts";
import { findRow } from "../schema-walk.ts";
import { parseCount } from "./amounts.ts";
import { DraftMap, scalar } from "./draft.ts";
import { canSay, type Emission, hasKey } from "./emission.ts";
import { keyNameOf, takeExpression } from "./expressions.ts";
import { type Given, type ProxySection, setting } from "./model.ts";
import { balancesAtRandom, branchOf } from "./version.ts";
import type { Word } from "./word.ts";

const NAMES: Readonly<Record<string, string>> = {
  roundrobin: "round-robin",
  "static-rr": "static-round-robin",
  leastconn: "least-connections",
  first: "first",
  random: "random",
};

/** Forms of `balance` that need HTTP, or another protocol. */
const OTHERS: Readonly<Record<string, string>> = {
  uri: "looks at HTTP requests",
  url_param: "looks at HTTP requests",
  hdr: "looks at HTTP requests",
  "rdp-cookie": "looks at RDP",
  "log-hash": "is for log lines",
  sticky: "is for log lines",
};

const KNOWN = [...Object.keys(NAMES), "source", "hash"];

export function emitBalance(emission: Emission, proxy: ProxySection, pool: DraftMap): void {
  const given = setting(proxy, "balance");
  if (given === null) {
    emitDefault(emission, proxy, pool);
    return;
  }
  const [word] = given.args;
  const [, name = "", argument = null] = /^([a-z_-]+)(?:\((.*)\))?$/.exec(word!.text) ?? [];
  const ours = NAMES[name];
  if (ours !== undefined) emitNamed(emission, given, { ours, argument, pool });
  else if (name === "source" || name === "hash") emitHash(emission, proxy, given, pool);
  else if (OTHERS[name] !== undefined) {
    emission.report.error(word!, `"balance ${name}" cannot be honoured: it ${OTHERS[name]}`);
  } else {
    const expected = `one of ${KNOWN.join(", ")}`;
    emission.report.error(word!, `balance is "${word!.text}"`, expected);
  }
}

/** HAProxy's default is another one from 3.3 on: who says nothing of the version should know. */
function emitDefault(emission: Emission, proxy: ProxySection, pool: DraftMap): void {
  const { report, version, isVersionAssumed } = emission;
  const isRandom = balancesAtRandom(version);
  pool.put("balance", isRandom ? "random" : "round-robin", { at: proxy.at });
  if (proxy.servers.length < 2) return;
  const name = proxy.name?.text ?? "";
  const taken = isRandom ? "random" : "roundrobin";
  const why = isVersionAssumed
    ? "HAProxy's own before 3.3, where it became random; say which with --haproxy-version"
    : `HAProxy's own in ${branchOf(version)}`;
  report.notice(proxy.at, `${proxy.kind} "${name}" has no balance and gets ${taken}, ${why}`);
}

interface Named {
  readonly ours: string;
  readonly argument: string | null;
  readonly pool: DraftMap;
}

function emitNamed(emission: Emission, { keyword, args }: Given, named: Named): void {
  const { ours, argument, pool } = named;
  const [word, extra] = args;
  if (extra !== undefined) {
    emission.report.error(extra, `"${extra.text}" is one word too many behind "${word!.text}"`);
  }
  if (!isChoice(ours)) {
    emission.report.error(word!, `"balance ${word!.text}" cannot be honoured yet`);
    return;
  }
  pool.set("balance", scalar(ours, word!), keyword[0]!.at);
  if (argument === null) return;
  const draws = parseCount(argument);
  if (draws === null || draws === 0 || ours !== "random") {
    emission.report.error(word!, `balance is "${word!.text}"`, "random(2) or the like");
  } else if (canSay(emission, word!, { holder: "pool", key: "draws", keyword: word!.text })) {
    pool.set("draws", scalar(draws, word!), keyword[0]!.at);
  }
}

function isChoice(name: string): boolean {
  return findRow(documentSchema, ["pools", "x", "balance"])?.choices.includes(name) ?? false;
}

/** `source` is a hash of the address; `hash` one of whatever its expression gives. */
function emitHash(emission: Emission, proxy: ProxySection, given: Given, pool: DraftMap): void {
  const [word, ...rest] = given.args as [Word, ...Word[]];
  const key = word.text === "source" ? { text: "source", word } : hashKeyOf(emission, word, rest);
  if (key === null) return;
  if (!hasKey("pool", "hash")) {
    emitPlainHash(emission, key, given, pool);
    return;
  }
  pool.set("balance", scalar("hash", word), given.keyword[0]!.at);
  const hash = new DraftMap({ at: given.keyword[0]!.at });
  hash.set("key", scalar(key.text, key.word));
  emitHashType(emission, proxy, hash);
  const factor = setting(proxy, "hash-balance-factor");
  if (factor !== null && factor.amount > 0) {
    hash.put("loadMax", factor.amount, factor.args[0]!, factor.keyword[0]!.at);
  }
  pool.set("hash", hash);
}

interface HashKey {
  readonly text: string;
  readonly word: Word;
}

function hashKeyOf(emission: Emission, word: Word, rest: readonly Word[]): HashKey | null {
  const { report } = emission;
  if (rest.length === 0) {
    report.error(word, '"balance hash" has no expression', "one such as src");
    return null;
  }
  const read = takeExpression(rest, NOTHING_AROUND, report);
  if (read === null) return null;
  const [extra] = read.rest;
  if (extra !== undefined) report.error(extra, `"${extra.text}" is one word too many`);
  return { text: keyNameOf(read.plan) ?? read.text, word: read.word };
}

function emitPlainHash(
  { report }: Emission,
  key: HashKey,
  { keyword }: Given,
  pool: DraftMap,
): void {
  if (key.text !== "source" && key.text !== "client-id") {
    report.error(key.word, `"balance hash ${key.text}" cannot be honoured yet`);
    return;
  }
  report.notice(key.word, "keys keep to their servers, which are not those that HAProxy picks");
  pool.set("balance", scalar(`${key.text}-hash`, key.word), keyword[0]!.at);
}

const FUNCTIONS = ["sdbm", "djb2", "wt6", "crc32", "none"];

/** `map-based` is the default of `hash-type`, sdbm that of both; `consistent` alone adds avalanche. */
function emitHashType({ report }: Emission, proxy: ProxySection, hash: DraftMap): void {
  const given = setting(proxy, "hash-type");
  if (given === null) {
    hash.put("type", "map-based", hash);
    return;
  }
  const [method, name, modifier] = given.args as [Word, Word?, Word?];
  if (method.text !== "map-based" && method.text !== "consistent") {
    report.error(method, `hash-type is "${method.text}"`, "map-based or consistent");
    return;
  }
  const isConsistent = method.text === "consistent";
  hash.set("type", scalar(isConsistent ? "consistent-16" : "map-based", method));
  if (name !== undefined && !FUNCTIONS.includes(name.text) && name.text !== "avalanche") {
    report.error(name, `the hash function is "${name.text}"`, `one of ${FUNCTIONS.join(", ")}`);
    return;
  }
  const avalanche = [name, modifier].find((word) => word?.text === "avalanche");
  if (modifier !== undefined && avalanche !== modifier) {
    report.error(modifier, `"${modifier.text}" stands behind the hash function`, "avalanche");
  }
  const isNamed = name !== undefined && name !== avalanche;
  if (isNamed) hash.set("function", scalar(name.text, name));
  // Our rows of types have their own avalanche, which counts where nothing is said.
  if (isNamed || avalanche !== undefined) {
    hash.put("avalanche", avalanche !== undefined, avalanche ?? name ?? method);
  }
}
