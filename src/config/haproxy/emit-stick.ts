// `stick-table` and `stick` of a backend: which server a returning client is given.

import { NOTHING_AROUND } from "../../rules/surroundings.ts";
import { parseAmount, parseTime, writeTime } from "./amounts.ts";
import { DraftMap, scalar } from "./draft.ts";
import type { Emission } from "./emission.ts";
import { keyNameOf, takeExpression } from "./expressions.ts";
import { type Given, listOf, type ProxySection, setting } from "./model.ts";
import type { Report } from "./report.ts";
import type { Word } from "./word.ts";
import { WordReader } from "./word-reader.ts";

/** Of entries that HAProxy would keep forever: the longest that a table of ours keeps them. */
const EXPIRE_MAX = "30d";

export interface StickTable {
  readonly type: Word;
  readonly size: { readonly amount: number; readonly word: Word } | null;
  readonly expire: { readonly text: string; readonly word: Word } | null;
  /** Data types that rules count by: `conn_cur`, `conn_rate(10s)`. */
  readonly store: readonly Word[];
  readonly given: Given;
}

const TYPES = ["ip", "ipv4", "ipv6", "integer", "string", "binary"];

/** @returns null where there is none, or it is wrong and was reported */
export function readStickTable(proxy: ProxySection, report: Report): StickTable | null {
  const given = setting(proxy, "stick-table");
  if (given === null) return null;
  const table: Unfinished = { type: null, size: null, expire: null, store: [], given };
  const reader = new WordReader(given.args, given.keyword[0]!, report);
  while (!reader.isAtEnd) if (!readPart(reader, table)) return null;
  if (table.type === null) {
    report.error(given.keyword[0]!, '"stick-table" has no type', `one of ${TYPES.join(", ")}`);
    return null;
  }
  if (table.size === null) {
    report.error(given.keyword[0]!, '"stick-table" has no size', "size and a number such as 100k");
    return null;
  }
  return table as StickTable;
}

type Unfinished = { -readonly [Key in keyof StickTable]: StickTable[Key] | null };

function readPart(reader: WordReader, table: Unfinished): boolean {
  const keyword = reader.next()!;
  if (keyword.text === "nopurge" || keyword.text === "recv-only") {
    reader.report.notice(keyword, `"${keyword.text}" is about HAProxy's memory`);
    return true;
  }
  const value = reader.valueOf(keyword);
  if (value === null) return false;
  if (keyword.text === "type") return readType(reader, value, table);
  if (keyword.text === "size") {
    const amount = parseAmount(value.text);
    if (amount === null) return reader.refuse(value, "a size such as 100k");
    table.size = { amount, word: value };
    return true;
  }
  if (keyword.text === "expire") {
    const ms = parseTime(value.text);
    if (ms === null) return reader.refuse(value, "a time such as 30m");
    table.expire = { text: writeTime(value.text, ms), word: value };
    return true;
  }
  return readLessUsual(reader, keyword, value, table);
}

function readType(reader: WordReader, value: Word, table: Unfinished): boolean {
  if (!TYPES.includes(value.text)) return reader.refuse(value, TYPES.join(", "));
  table.type = value;
  if (reader.peek()?.text !== "len") return true;
  const keyword = reader.next()!;
  const length = reader.valueOf(keyword);
  if (length === null) return false;
  if (parseAmount(length.text) === null) return reader.refuse(length, "a number of bytes");
  return true;
}

function readLessUsual(reader: WordReader, keyword: Word, value: Word, table: Unfinished): boolean {
  const { report } = reader;
  if (keyword.text === "store") {
    table.store = [...table.store!, value];
    return true;
  }
  if (keyword.text === "peers" || keyword.text === "write-to") {
    report.notice(
      keyword,
      `"${keyword.text}" shares tables with others, which Fairlead does not yet`,
    );
    return true;
  }
  if (keyword.text === "srvkey" || keyword.text === "brates-factor") {
    report.notice(keyword, `"${keyword.text}" makes no difference to Fairlead's tables`);
    return true;
  }
  return reader.refuse(keyword, "type, len, size, expire, store or peers");
}

/** Puts `stick` into the pool where clients are stuck to servers. */
export function emitStick(emission: Emission, proxy: ProxySection, pool: DraftMap): void {
  const rules = listOf(proxy, "stick");
  const table = readStickTable(proxy, emission.report);
  const [first, ...more] = rules;
  if (first === undefined) return;
  for (const rule of more) {
    const message = "a second stick rule cannot be honoured: a pool knows clients by one thing";
    emission.report.error(rule.keyword[0]!, message);
  }
  const key = readRule(first, emission.report);
  if (key === null) return;
  if (table === null) {
    if (!proxy.settings.has("stick-table")) {
      const expected = "stick-table type string len 64 size 100k expire 30m";
      emission.report.error(
        first.keyword[0]!,
        '"stick" has no stick-table in its section',
        expected,
      );
    }
    return;
  }
  const stick = new DraftMap({ at: first.keyword[0]!.at });
  stick.set("by", scalar(key.text, key.word));
  stick.put("size", table.size!.amount, table.size!.word);
  if (table.expire === null) stick.put("expire", EXPIRE_MAX, { at: table.given.keyword[0]!.at });
  else stick.put("expire", table.expire.text, table.expire.word);
  pool.set("stick", stick);
}

interface StickKey {
  readonly text: string;
  readonly word: Word;
}

/** `stick on` is `stick match` and `stick store-request` in one. */
function readRule({ args }: Given, report: Report): StickKey | null {
  const [verb, ...words] = args as [Word, ...Word[]];
  if (verb.text !== "on") {
    const message = `"stick ${verb.text}" cannot be honoured alone: Fairlead matches and stores`;
    report.error(verb, message, "stick on");
    return null;
  }
  const read = takeExpression(words, NOTHING_AROUND, report);
  if (read === null) return null;
  const [extra] = read.rest;
  if (extra !== undefined) {
    const message = `"${extra.text}" cannot be honoured behind "stick on"`;
    report.error(extra, message, "the expression alone");
    return null;
  }
  const name = keyNameOf(read.plan);
  if (name !== null) return { text: name, word: read.word };
  report.error(
    read.word,
    `"stick on ${read.text}" cannot be honoured: no pool knows clients by it`,
  );
  return null;
}
