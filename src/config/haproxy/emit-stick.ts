// `stick` of a backend: what returning clients are known by, which clients, and in which tables.
//
// One line, or `stick match` and `stick store-request` of the same thing, is the pool's `stick`;
// everything else is `stickRules`. Tables that rules name, and those of `stickRules`, stand in
// `stickTables` under the names of their sections.

import {
  type Draft,
  DraftMap,
  type DraftScalar,
  list,
  placeholder,
  scalar,
} from "../import/draft.ts";
import { saysTheSame } from "../import/hoist.ts";
import type { Word } from "../import/word.ts";
import type { Emission } from "./emission.ts";
import { type ReadKey, readKey } from "./expressions.ts";
import { type Given, listOf, type ProxySection } from "./model.ts";
import { EXPIRE_MAX, type StickTable } from "./read-stick-table.ts";
import { textDraft } from "./rule-text.ts";
import { holderOf, type StickHolder, usesOf } from "./stick-holders.ts";

interface Verb {
  /** What our document calls it. */
  readonly use: "both" | "match" | "store";
  readonly others: readonly string[];
  /** Why it has no effect where nobody does what it needs. */
  readonly alone: string;
}

const STORES = ["on", "store-request", "store-response"];
const MATCH_ALONE = "nobody stores there";
const STORE_ALONE = "nobody asks for that";

/** What each verb does with the table, and which ones the table needs for it to have an effect. */
const VERBS: Readonly<Record<string, Verb>> = {
  on: { use: "both", others: ["on", "match", "store-request"], alone: "" },
  match: { use: "match", others: STORES, alone: MATCH_ALONE },
  "store-request": { use: "store", others: ["on", "match"], alone: STORE_ALONE },
  "store-response": { use: "store", others: ["on", "match"], alone: STORE_ALONE },
};

/** What servers assign is a client id here like any other. */
const ASSIGNED_ID =
  /^res\.payload\(0,0\),mqtt_field_value\((connack|2),(assigned_client_identifier|18)\)$/i;

interface StickRule {
  readonly given: Given;
  readonly verb: Word;
  readonly key: DraftScalar;
  /** `if` or `unless` and what follows; empty: every client. */
  readonly condition: readonly Word[];
  /** A section, or a table of peers, is named. */
  readonly isNamed: boolean;
  readonly holder: StickHolder;
}

/** Puts `stick` or `stickRules` into the pool where clients are stuck to servers. */
export function emitStick(emission: Emission, proxy: ProxySection, pool: DraftMap): void {
  const given = listOf(proxy, "stick");
  const rules = given.flatMap((each) => readRule(emission, proxy, each) ?? []);
  const holders = [...new Map(rules.map(({ holder }) => [holder.name, holder])).values()];
  const tables = new Map(holders.map((holder) => [holder.name, holder.read(emission.report)]));
  // A rule or a table that is wrong was reported.
  if (rules.length < given.length || [...tables.values()].includes(null)) return;
  const effective = rules
    .filter((rule) => hasEffect(emission, rule))
    .filter((rule) => !isStoredAnyway(emission, rule, rules));
  const [first] = effective;
  if (first === undefined) return;
  const at = { at: first.given.keyword[0]!.at };
  if (areOne(effective)) {
    const stick = new DraftMap(at);
    stick.set("by", first.key);
    if (first.isNamed || isShared(emission, proxy, first.holder)) {
      putShared(emission, first, tables.get(first.holder.name)!, stick);
    } else putTable(stick, tables.get(first.holder.name)!);
    pool.set("stick", stick);
    return;
  }
  const drafts = effective.map((rule) => {
    return ruleOf(emission, rule, tables.get(rule.holder.name)!);
  });
  pool.set("stickRules", list(drafts, at));
}

/** @returns null after errors were reported */
function readRule(emission: Emission, proxy: ProxySection, given: Given): StickRule | null {
  const { report } = emission;
  const [verb, ...words] = given.args as [Word, ...Word[]];
  if (VERBS[verb.text] === undefined) {
    const message = `"stick ${verb.text}" cannot be honoured: it is none of HAProxy's`;
    report.error(verb, message, Object.keys(VERBS).join(", "));
    return null;
  }
  const read = verb.text === "store-response" ? readAssigned(words) : readKey(words, emission);
  if (read === null && verb.text === "store-response") {
    const message = '"stick store-response" cannot be honoured: it goes by what servers answer';
    report.error(verb, message, "the assigned_client_identifier of CONNACK");
    return null;
  }
  // What is wrong with an expression the validator says.
  const key = read?.draft ?? placeholder("source", verb);
  const rest = behindKey(emission, verb, read?.rest ?? []);
  const holder = rest === null ? null : findHolder(emission, proxy, given, rest.table);
  if (rest === null || holder === null) return null;
  return { given, verb, key, condition: rest.condition, isNamed: rest.table !== null, holder };
}

/** @returns null for everything but the client id that a server has assigned */
function readAssigned(words: readonly Word[]): ReadKey | null {
  const end = words.findIndex(({ text }) => ["table", "if", "unless"].includes(text));
  const own = end === -1 ? words : words.slice(0, end);
  if (!ASSIGNED_ID.test(own.map(({ text }) => text).join(""))) return null;
  return { draft: scalar("client-id", own[0]!), rest: words.slice(own.length) };
}

interface BehindKey {
  readonly table: Word | null;
  readonly condition: readonly Word[];
}

function behindKey({ report }: Emission, verb: Word, words: readonly Word[]): BehindKey | null {
  const isTable = words[0]?.text === "table" && words[1] !== undefined;
  const condition = isTable ? words.slice(2) : words;
  const [odd] = condition;
  const isCondition = odd === undefined || odd.text === "if" || odd.text === "unless";
  if (isCondition) return { table: isTable ? words[1]! : null, condition };
  const message = `"${odd.text}" cannot be honoured behind "stick ${verb.text}"`;
  report.error(odd, message, "table and the name of a section, or if and a condition");
  return null;
}

/** @returns null after it has reported that there is none */
function findHolder(
  { model, report }: Emission,
  proxy: ProxySection,
  given: Given,
  table: Word | null,
): StickHolder | null {
  const holder = holderOf(model, proxy, given);
  if (holder !== null) return holder;
  const where = table === null ? "in its section" : `in "${table.text}"`;
  const expected = "stick-table type string len 64 size 100k expire 30m";
  report.error(table ?? given.keyword[0]!, `"stick" has no stick-table ${where}`, expected);
  return null;
}

function hasEffect({ model, report }: Emission, { verb, holder }: StickRule): boolean {
  const { others, alone } = VERBS[verb.text]!;
  if (usesOf(model, holder).some((use) => others.includes(use.verb))) return true;
  report.notice(verb, `"stick ${verb.text}" alone has no effect: ${alone}`);
  return false;
}

/** Whether another line has the table remember client ids, and so those that servers assign. */
function isStoredAnyway(
  { report }: Emission,
  { verb, holder }: StickRule,
  rules: readonly StickRule[],
): boolean {
  if (verb.text !== "store-response") return false;
  const other = rules.find((rule) => {
    const stores = rule.verb.text === "on" || rule.verb.text === "store-request";
    const isSame = rule.key.value === "client-id" && rule.holder.name === holder.name;
    return stores && isSame && rule.condition.length === 0;
  });
  if (other === undefined) {
    report.notice(verb, `"stick ${verb.text}" remembers ids that clients choose, too`);
    return false;
  }
  report.notice(verb, `"stick ${other.verb.text}" remembers ids that servers assign, too`);
  return true;
}

/** Whether rules come to one thing that clients are both looked up and remembered by. */
function areOne(rules: readonly StickRule[]): boolean {
  const [first] = rules as [StickRule];
  const verbs = rules.map(({ verb }) => verb.text).join();
  if (verbs !== "on" && verbs !== "match,store-request") return false;
  return rules.every(({ key, holder, condition }) => {
    const isSame = saysTheSame(key, first.key) && holder.name === first.holder.name;
    return isSame && condition.length === 0;
  });
}

/** Whether other sections go by the table, too. */
function isShared({ model }: Emission, proxy: ProxySection, holder: StickHolder): boolean {
  return usesOf(model, holder).some((use) => use.proxy !== proxy);
}

function ruleOf(emission: Emission, rule: StickRule, table: StickTable): DraftMap {
  const { verb, key, condition } = rule;
  const draft = new DraftMap({ at: rule.given.keyword[0]!.at });
  draft.set("by", key);
  const [keyword, ...words] = condition;
  if (keyword !== undefined) {
    const isPlain = keyword.text === "if" && words.length > 0;
    draft.set("if", textDraft(isPlain ? words : condition, emission), keyword.at);
  }
  const { use } = VERBS[verb.text]!;
  if (use !== "both") draft.put("use", use, verb);
  putShared(emission, rule, table, draft);
  return draft;
}

/** Names a table of `stickTables`, and puts it there. */
function putShared(
  { stickTables }: Emission,
  { holder, given }: StickRule,
  table: StickTable,
  draft: DraftMap,
): void {
  draft.put("table", holder.name, given.keyword[0]!);
  if (stickTables.has(holder.name)) return;
  const made = new DraftMap({ at: table.given.keyword[0]!.at });
  putTable(made, table);
  stickTables.set(holder.name, made);
}

function putTable(draft: DraftMap, { given, size, expire }: StickTable): void {
  draft.put("size", size!.amount, size!.word);
  if (expire === null) draft.put("expire", EXPIRE_MAX, { at: given.keyword[0]!.at });
  else draft.put("expire", expire.text, expire.word);
}

/** The tables that pools have named, under `stickTables`. */
export function emitStickTables({ stickTables }: Emission, document: DraftMap): void {
  for (const [name, table] of stickTables) {
    document.child("stickTables", table).set(name, table satisfies Draft);
  }
}
