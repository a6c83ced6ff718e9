// `balance`, `hash-type` and `hash-balance-factor`: how a pool chooses (HAProxy's manual, 4.2).

import { DraftMap, type DraftScalar, placeholder, scalar } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import { parseCount } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { readKey } from "./expressions.ts";
import { type Given, isOn, type ProxySection, setting } from "./model.ts";
import { balancesAtRandom, branchOf } from "./version.ts";

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
  emitAlgorithm(emission, proxy, pool);
  emitBackups(proxy, pool);
}

function emitAlgorithm(emission: Emission, proxy: ProxySection, pool: DraftMap): void {
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

/** One backup at a time without `option allbackups`, and none while others are only full. */
function emitBackups(proxy: ProxySection, pool: DraftMap): void {
  const backup = proxy.servers.map(({ options }) => options.get("backup")).find(Boolean);
  if (backup === undefined) return;
  const backups = new DraftMap({ at: backup.keyword.at });
  const all = setting(proxy, "option allbackups");
  const useAll = isOn(proxy, "option allbackups");
  backups.put("use", useAll ? "all" : "first", all === null ? backups : all.keyword[0]!);
  backups.put("when", "none-usable", backups);
  pool.set("backups", backups);
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
  pool.set("balance", scalar(ours, word!), keyword[0]!.at);
  if (argument === null) return;
  const draws = parseCount(argument);
  if (draws === null || draws === 0 || ours !== "random") {
    emission.report.error(word!, `balance is "${word!.text}"`, "random(2) or the like");
  } else pool.set("draws", scalar(draws, word!), keyword[0]!.at);
}

/** `source` is a hash of the address; `hash` one of whatever its expression gives. */
function emitHash(emission: Emission, proxy: ProxySection, given: Given, pool: DraftMap): void {
  const [word, ...rest] = given.args as [Word, ...Word[]];
  const key = word.text === "source" ? scalar("source", word) : hashKeyOf(emission, word, rest);
  pool.set("balance", scalar("hash", word), given.keyword[0]!.at);
  const hash = new DraftMap({ at: given.keyword[0]!.at });
  hash.set("key", key);
  emitHashType(emission, proxy, hash);
  const factor = setting(proxy, "hash-balance-factor");
  if (factor !== null && factor.amount > 0) {
    hash.put("loadMax", factor.amount, factor.args[0]!, factor.keyword[0]!.at);
  }
  // A client waits for the server of its key, however full that is.
  if (proxy.servers.some(({ options }) => options.has("maxconn"))) {
    hash.put("whenFull", "wait", hash);
  }
  pool.set("hash", hash);
}

function hashKeyOf(emission: Emission, word: Word, rest: readonly Word[]): DraftScalar {
  const { report } = emission;
  if (rest.length === 0) {
    report.error(word, '"balance hash" has no expression', "one such as src");
    return placeholder("source", word);
  }
  const key = readKey(rest, emission);
  const [extra] = key?.rest ?? [];
  if (extra !== undefined) report.error(extra, `"${extra.text}" is one word too many`);
  return key?.draft ?? placeholder("source", word);
}

const FUNCTIONS = ["sdbm", "djb2", "wt6", "crc32", "none"];

/** `map-based` is the default, sdbm that of both; `consistent` alone adds avalanche. */
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
