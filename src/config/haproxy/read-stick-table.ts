// Reads `stick-table` (HAProxy's manual, chapter 4.2), of a proxy or of a peers section: what its
// keys are, how many and how long they are kept, and what is counted of each.

import type { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";
import { parseAmount, parseTime, writeTime } from "./amounts.ts";
import { type Given, type ProxySection, setting } from "./model.ts";
import { WordReader } from "./word-reader.ts";

/** Of entries that HAProxy would keep forever: the longest that a table of ours keeps them. */
export const EXPIRE_MAX = "30d";

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
  return given === null ? null : readTable(given, given.args, report);
}

/** @param args what stands behind the keyword, and the name of the table if it has one */
export function readTable(given: Given, args: readonly Word[], report: Report): StickTable | null {
  const table: Unfinished = { type: null, size: null, expire: null, store: [], given };
  const reader = new WordReader(args, given.keyword[0]!, report);
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
    table.store = [...table.store!, ...splitStored(value)];
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

/** `conn_cur,conn_rate(10s)`: each counter as a word of its own, where it stands. */
function splitStored(word: Word): readonly Word[] {
  return [...word.text.matchAll(/[^,(]+(?:\([^)]*\))?/g)].map(({ 0: text, index }) => {
    const isPlain = word.text === word.source;
    const at = isPlain ? { ...word.at, column: word.at.column + index } : word.at;
    return { text, source: text, at };
  });
}
