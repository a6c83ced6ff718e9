// `proxy_pass`: which pool a server's clients get. One that a variable names is chosen by the name
// that clients ask for in TLS where that is all that is looked up, and by rules otherwise.

import { nearest } from "../explain.ts";
import { DraftMap, list } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import { SERVER_NAME_PATTERN } from "../transport-field.ts";
import type { Emission } from "./emission.ts";
import { addPool } from "./emit-pool.ts";
import { asText, expand, toExpression } from "./expressions.ts";
import type { LookupKind } from "./looked-up.ts";
import { type Lookup, quote, readLookup, toConditions } from "./lookups.ts";
import { type Given, type Scope, setting } from "./model.ts";
import { joinTarget, readTarget } from "./read-upstream-server.ts";
import type { Expanded } from "./variables.ts";
import type { WrittenRule } from "./written-rule.ts";

export interface NamedPool {
  readonly pool: string;
  readonly at: Word;
}

export interface Pools {
  /** Null: it was wrong, and reported. */
  readonly standard: NamedPool | null;
  readonly byServerName: ReadonlyMap<string, NamedPool>;
  readonly rules: readonly WrittenRule[];
}

/** Stands where there has to be an address; nobody is sent there. */
const DISCARD = "127.0.0.1:9";

const NONE: Pools = { standard: null, byServerName: new Map(), rules: [] };

export function findPools(emission: Emission, server: Scope): Pools {
  const given = setting(server, "proxy_pass");
  if (given === null) {
    if (!server.isBroken && !server.settings.has("proxy_pass")) {
      const message = "this server passes clients nowhere";
      emission.report.error(server.at, message, "proxy_pass and an upstream");
    }
    return NONE;
  }
  const word = given.args[0]!;
  const parts = expand(emission, word, server);
  if (parts === null) return NONE;
  const value = parts.find(({ kind }) => kind === "value");
  if (value === undefined) {
    const standard = poolAt(emission, server, { ...word, text: textOf(parts) });
    return { ...NONE, standard };
  }
  return chosenPools(emission, server, { given, parts });
}

function textOf(parts: readonly Expanded[]): string {
  return parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
}

/** @returns null after errors were reported */
function poolAt(emission: Emission, server: Scope, word: Word): NamedPool | null {
  const { model, report } = emission;
  const upstream = model.upstreams.find(({ name }) => name.text === word.text) ?? null;
  if (upstream !== null) {
    return { pool: addPool(emission, { server, upstream, word, address: "" }), at: word };
  }
  if (!word.text.includes(":") && !/^[\d.]+$/.test(word.text)) {
    const near = nearest(
      word.text,
      model.upstreams.map(({ name }) => name.text),
    );
    const expected = near === null ? "an upstream, or an address and a port" : `"${near}"`;
    report.error(word, `"${word.text}" is no upstream`, expected);
    return null;
  }
  const target = readTarget(word, report);
  if (target === null) return null;
  const address = joinTarget(target.host, target.port!);
  return { pool: addPool(emission, { server, upstream, word, address }), at: word };
}

// ── a variable that names the upstream ───────────────────────────────────────────────────────────

interface Chosen {
  readonly given: Given;
  readonly parts: readonly Expanded[];
}

function chosenPools(emission: Emission, server: Scope, { given, parts }: Chosen): Pools {
  const word = given.args[0]!;
  const values = parts.filter((part) => part.kind === "value");
  const [{ name, definition }, second] = values as [Expanded & { kind: "value" }, Expanded?];
  if (second !== undefined || definition.kind === "expression") {
    const message = `proxy_pass is "${word.text}": clients would choose where they go`;
    emission.report.error(word, message, "a map that leads to upstreams");
    return NONE;
  }
  const lookup = readLookup(emission, definition.given, definition.kind);
  if (lookup === null) return NONE;
  const around = (value: Word) => poolAt(emission, server, { ...value, text: wrap(parts, value) });
  tellOfShares(emission, lookup.kind, definition.given, name);
  const standard = lookup.standard === null ? null : around(lookup.standard);
  const cases = lookup.cases.map(({ key, value }) => ({ key, named: around(value) }));
  const pools = cases.flatMap(({ named }) => named ?? []);
  if (pools.length < cases.length) return NONE;
  const rest = { given, lookup };
  if (!isByServerName(lookup)) {
    return byRules(emission, server, { ...rest, standard: standard ?? pools[0] ?? null, pools });
  }
  for (const { key } of cases) tellOfMask(emission, key);
  const names = cases.flatMap(({ key, named }) => spread(key.text, named!));
  const byServerName = new Map(names);
  return { standard: standard ?? nowhere(emission, word), byServerName, rules: [] };
}

/** Without a default nginx closes what leads nowhere: a pool whose only server takes nobody. */
function nowhere({ pools, report }: Emission, word: Word): NamedPool {
  const pool = new DraftMap(word);
  pool.child("check", word).put("type", "none", word);
  const server = new DraftMap(word);
  server.put("address", DISCARD, word);
  server.put("state", "maintenance", word);
  pool.set("servers", list([server], word));
  const { name } = pools.add("nowhere", pool, word.at);
  report.notice(word, `"${word.text}" has no default: other names lead to the pool "${name}"`);
  return { pool: name, at: word };
}

/** What stands before and behind the variable: `$host:1883`. */
function wrap(parts: readonly Expanded[], value: Word): string {
  return parts.map((part) => (part.kind === "text" ? part.text : value.text)).join("");
}

function tellOfShares({ report }: Emission, kind: LookupKind, given: Given, name: string): void {
  if (kind !== "split_clients") return;
  const message = `"$${name}" has the shares that nginx has, of other clients`;
  report.notice(given.name, message);
}

const NAME_VARIABLE = /^\$\{?(ssl_preread_server_name|ssl_server_name)\}?$/;

/** Names that our document has a key for: `a.example`, `*.a.example`, `.a.example`. */
function isByServerName({ kind, source, cases, hasMasks }: Lookup): boolean {
  if (kind !== "map" || !NAME_VARIABLE.test(source.text)) return false;
  return cases.every(({ key: { text } }) => {
    const isMask = text.startsWith("*.") || text.startsWith(".");
    return SERVER_NAME_PATTERN.test(text.replace(/^\./, "")) && (hasMasks || !isMask);
  });
}

/** Masks of our document stand for one label, those of nginx for any number. */
export function tellOfMask({ report }: Emission, word: Word): void {
  if (!/^\*?\./.test(word.text)) return;
  report.notice(word, `"${word.text}" is one label more here, and any number of them in nginx`);
}

/** `.a.example` is the name and all that end so. */
export function spread<Value>(name: string, value: Value): (readonly [string, Value])[] {
  const lower = name.toLowerCase();
  if (!lower.startsWith(".")) return [[lower, value]];
  return [
    [lower.slice(1), value],
    [`*${lower}`, value],
  ];
}

interface ByRules {
  readonly given: Given;
  readonly lookup: Lookup;
  readonly standard: NamedPool | null;
}

function byRules(
  emission: Emission,
  server: Scope,
  of: ByRules & { readonly pools: readonly NamedPool[] },
): Pools {
  const conditions = conditionsOf(emission, server, of.lookup);
  if (conditions === null) return NONE;
  const { given, standard } = of;
  const rules = conditions.map((text, index): WrittenRule => {
    const { pool, at } = of.pools[index]!;
    return {
      set: "pool",
      text: `use-pool ${quote(pool)} if ${text}`,
      at: at.at,
      directive: given.name,
    };
  });
  return { ...NONE, standard, rules: [...refusal(emission, server, of), ...rules] };
}

/** Without a default nginx closes what leads nowhere. */
function refusal(
  emission: Emission,
  server: Scope,
  { given, lookup }: ByRules,
): readonly WrittenRule[] {
  if (lookup.standard !== null) return [];
  const conditions = conditionsOf(emission, server, lookup);
  if (conditions === null || conditions.length === 0) return [];
  const text = `reject unless ${conditions.join(" or ")}`;
  return [{ set: "content", text, at: given.args[0]!.at, directive: given.name }];
}

function conditionsOf(emission: Emission, server: Scope, lookup: Lookup): readonly string[] | null {
  const source = toExpression(emission, lookup.source, server);
  if (source === null) return null;
  const sample = lookup.kind === "geo" ? source.text : asText(source);
  return toConditions(lookup, sample).map(({ text }) => text);
}
