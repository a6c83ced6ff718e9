// `limit_conn_zone` and `limit_conn`: how many connections there may be for each value of a key. A
// zone is a table of counters, which all servers that name it share.

import { parseExpression } from "../../rules/parse-expression.ts";
import type { RuleSet } from "../../rules/rule.ts";
import { isKnownAt } from "../../rules/stage.ts";
import { nearest } from "../explain.ts";
import { DraftMap, list, scalar } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import { parseCount, parseSize } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { type Expression, toExpression } from "./expressions.ts";
import { type Given, listOf, type Scope } from "./model.ts";
import type { WrittenRule } from "./written-rule.ts";

/** Keys that all clients of a listener share: nothing has to be counted by them. */
const SHARED_KEYS = ["$server_port", "$server_addr", "$hostname", "$protocol"];

/** What nginx needs for one key of a zone. */
const STATE_BYTES = 64;
const ZONE_KEYS_MAX = 10_000_000;

const KEY_TYPES: Readonly<Record<string, string>> = {
  address: "address",
  integer: "integer",
  boolean: "integer",
  binary: "binary",
};

interface Zone {
  readonly name: Word;
  readonly key: Word;
  readonly bytes: number | null;
  readonly given: Given;
}

/**
 * Puts the tables into the document, and limits that need none into the listener.
 * @param early the first rules that know a client's address
 */
export function emitConnectionLimits(
  emission: Emission,
  server: Scope,
  { early, draft }: { readonly early: RuleSet; readonly draft: DraftMap },
): readonly WrittenRule[] {
  const rules: WrittenRule[] = [];
  for (const [slot, { name, args }] of listOf(server, "limit_conn").entries()) {
    const [zoneName, limitWord] = args as [Word, Word];
    const zone = findZone(emission, zoneName);
    const limit = parseCount(limitWord.text);
    if (limit === null || limit === 0) {
      const message = `limit_conn is "${limitWord.text}"`;
      emission.report.error(limitWord, message, "a whole number from 1");
    } else if (zone !== null && SHARED_KEYS.includes(zone.key.text)) {
      draft.put("connections", limit, limitWord, name.at);
    } else if (zone !== null) {
      const key = toExpression(emission, zone.key, server);
      if (key === null) continue;
      emitTable(emission, zone, key);
      rules.push(...rulesOf({ directive: name, zone, key, slot, limit, early }));
    }
  }
  return rules;
}

interface Limit {
  readonly directive: Word;
  readonly zone: Zone;
  readonly key: Expression;
  readonly slot: number;
  readonly limit: number;
  readonly early: RuleSet;
}

function rulesOf({ directive, zone, key, slot, limit, early }: Limit): readonly WrittenRule[] {
  const rule = { set: setOf(key, early), at: directive.at, directive };
  return [
    { ...rule, text: `track-sc${slot} ${key.text} table ${zone.name.text}` },
    { ...rule, text: `reject if { sc${slot}_conn_cur gt ${limit} }` },
  ];
}

/** As early as the key is known. */
function setOf({ text }: Expression, early: RuleSet): RuleSet {
  const stage = parseExpression(text).plan?.stage ?? "accept";
  if (isKnownAt(stage, "accept")) return early;
  return isKnownAt(stage, "tls") ? "session" : "content";
}

function emitTable({ document }: Emission, zone: Zone, key: Expression): void {
  const { name, bytes, given } = zone;
  const tables = document.child("counters", { at: given.name.at });
  if (tables.has(name.text)) return;
  const table = new DraftMap({ at: given.name.at });
  table.put("key", KEY_TYPES[key.type] ?? "text", zone.key);
  if (bytes !== null) {
    const count = Math.floor(bytes / STATE_BYTES);
    table.put("size", Math.min(Math.max(count, 1), ZONE_KEYS_MAX), name);
  }
  table.set("store", list([scalar("conn_cur", name)], name));
  tables.set(name.text, table, given.name.at);
}

function findZone({ model, report }: Emission, word: Word): Zone | null {
  const given = model.stream === null ? [] : listOf(model.stream, "limit_conn_zone");
  const zones = given.flatMap((each) => readZone(each) ?? []);
  const zone = zones.find(({ name }) => name.text === word.text);
  if (zone !== undefined) return zone;
  const near = nearest(
    word.text,
    zones.map(({ name }) => name.text),
  );
  const expected = near === null ? "the name of a limit_conn_zone" : `"${near}"`;
  report.error(word, `there is no zone "${word.text}"`, expected);
  return null;
}

/** `limit_conn_zone $binary_remote_addr zone=perip:10m`. */
function readZone(given: Given): Zone | null {
  const [key, word] = given.args as [Word, Word];
  const match = /^zone=([^:]+)(?::(.+))?$/.exec(word.text);
  if (match === null) return null;
  const bytes = match[2] === undefined ? null : parseSize(match[2]);
  return { name: { ...word, text: match[1]! }, key, bytes, given };
}

/** Tells of zones that cannot be read, whether somebody names them or not. */
export function checkZones({ model, report }: Emission): void {
  for (const given of model.stream === null ? [] : listOf(model.stream, "limit_conn_zone")) {
    if (readZone(given) !== null) continue;
    const word = given.args[1]!;
    report.error(word, `"${word.text}" is no zone`, "zone=name:10m");
  }
}
