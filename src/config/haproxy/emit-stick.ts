// `stick` of a backend: what returning clients are known by, and how long.
//
// A pool matches and stores by one thing. `stick match` and `stick store-request` of the same thing
// are `stick on`; one of them without the other has no effect in HAProxy either, as long as nobody
// else writes or reads the table.

import { type Draft, DraftMap, placeholder } from "../import/draft.ts";
import { saysTheSame } from "../import/hoist.ts";
import type { Word } from "../import/word.ts";
import type { Emission } from "./emission.ts";
import { readKey } from "./expressions.ts";
import { type Given, listOf, type ProxySection } from "./model.ts";
import { EXPIRE_MAX, readStickTable, type StickTable } from "./read-stick-table.ts";

/** What each verb does with the table. */
const VERBS: Readonly<Record<string, { readonly matches: boolean; readonly stores: boolean }>> = {
  on: { matches: true, stores: true },
  match: { matches: true, stores: false },
  "store-request": { matches: false, stores: true },
};

interface StickRule {
  readonly given: Given;
  readonly verb: Word;
  readonly key: Draft;
  /** The section whose table it means; null: its own. */
  readonly table: Word | null;
}

/** Puts `stick` into the pool where clients are stuck to servers. */
export function emitStick(emission: Emission, proxy: ProxySection, pool: DraftMap): void {
  const given = listOf(proxy, "stick");
  if (given.length === 0) return;
  const rules = given.flatMap((each) => readRule(emission, each) ?? []);
  const byTable = new Map(rules.toReversed().map((rule) => [rule.table?.text, rule]));
  const tables = [...byTable.values()].map((rule) => tableOf(emission, proxy, rule));
  const [first, ...more] = rules;
  const [table] = tables;
  // A rule or a table that is wrong was reported.
  if (first === undefined || table == null || tables.includes(null)) return;
  if (rules.length < given.length || !areOne(emission, first, more)) return;
  if (!isWhole(emission, rules)) return;
  const stick = new DraftMap({ at: first.given.keyword[0]!.at });
  stick.set("by", first.key);
  stick.put("size", table.size!.amount, table.size!.word);
  if (table.expire === null) stick.put("expire", EXPIRE_MAX, { at: table.given.keyword[0]!.at });
  else stick.put("expire", table.expire.text, table.expire.word);
  pool.set("stick", stick);
}

/** @returns null after errors were reported */
function readRule(emission: Emission, given: Given): StickRule | null {
  const { report } = emission;
  const [verb, ...words] = given.args as [Word, ...Word[]];
  if (VERBS[verb.text] === undefined) {
    const isResponse = verb.text === "store-response";
    const reason = isResponse ? "goes by what servers answer" : "is none of HAProxy's";
    const message = `"stick ${verb.text}" cannot be honoured: it ${reason}`;
    report.error(verb, message, Object.keys(VERBS).join(", "));
    return null;
  }
  const key = readKey(words, emission);
  // What is wrong with an expression the validator says.
  if (key === null) return { given, verb, key: placeholder("source", verb), table: null };
  const [extra, table, ...rest] = key.rest;
  const isTable = extra?.text === "table" && table !== undefined;
  const odd = isTable ? rest[0] : extra;
  if (odd === undefined) return { given, verb, key: key.draft, table: isTable ? table : null };
  const message = `"${odd.text}" cannot be honoured behind "stick ${verb.text}"`;
  report.error(odd, message, "the expression alone, or table and the name of a section");
  return null;
}

/** @returns null after it has reported why there is none */
function tableOf(
  { model, report }: Emission,
  proxy: ProxySection,
  { given, table }: StickRule,
): StickTable | null {
  const holder =
    table === null ? proxy : model.proxies.find(({ name }) => name?.text === table.text);
  const others = model.proxies.filter((other) => other !== proxy && sticksBy(other, holder));
  if (holder === undefined || !holder.settings.has("stick-table")) {
    const where = table === null ? "in its section" : `in "${table.text}"`;
    const expected = "stick-table type string len 64 size 100k expire 30m";
    report.error(table ?? given.keyword[0]!, `"stick" has no stick-table ${where}`, expected);
    return null;
  }
  if (others.length > 0 && table !== null) {
    const message = `"table ${table.text}" cannot be honoured: another backend sticks by it, too`;
    report.error(table, message, "a table for each backend");
    return null;
  }
  // One that is wrong was reported.
  return readStickTable(holder, report);
}

/** Whether a section means the table of `holder` by one of its rules. */
function sticksBy(proxy: ProxySection, holder: ProxySection | undefined): boolean {
  return listOf(proxy, "stick").some(({ args }) => {
    const at = args.findIndex(({ text }) => text === "table");
    return at === -1 ? proxy === holder : args[at + 1]?.text === holder?.name?.text;
  });
}

function areOne({ report }: Emission, first: StickRule, more: readonly StickRule[]): boolean {
  const other = more.find(({ key, table }) => {
    return !saysTheSame(key, first.key) || table?.text !== first.table?.text;
  });
  if (other === undefined) return true;
  const message = "a second stick rule cannot be honoured: a pool knows clients by one thing";
  report.error(other.given.keyword[0]!, message, "stick on and one expression");
  return false;
}

function isWhole({ report }: Emission, rules: readonly StickRule[]): boolean {
  const verbs = rules.map(({ verb }) => VERBS[verb.text]!);
  if (verbs.some(({ matches }) => matches) && verbs.some(({ stores }) => stores)) return true;
  const [{ verb }] = rules as [StickRule];
  const why = VERBS[verb.text]!.matches ? "nobody stores there" : "nobody asks for that";
  report.notice(verb, `"stick ${verb.text}" alone has no effect: ${why}`);
  return false;
}
