// Tables of counters: stick tables that rules count in, of proxies and of peers sections.

import { COUNTER_FIELDS } from "../../rules/counter-fields.ts";
import { type Draft, DraftMap, list, scalar } from "../import/draft.ts";
import type { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";
import { parseTime, writeTime } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { listOf, type ProxySection } from "./model.ts";
import { EXPIRE_MAX, readStickTable, type StickTable } from "./read-stick-table.ts";
import { holderIn, isForStickiness, peersHolder } from "./stick-holders.ts";

const KEYS: Readonly<Record<string, string>> = {
  ip: "address",
  ipv4: "address",
  ipv6: "address",
  integer: "integer",
  string: "text",
  binary: "binary",
};

const FIELDS: readonly string[] = COUNTER_FIELDS;
/** Data that HAProxy keeps for stickiness, which our tables do by themselves. */
const STICKINESS = ["server_id", "server_key"];
const HTTP = /^(http_|glitch_)/;

/** Puts the tables of all sections into the document. */
export function emitCounters(emission: Emission, document: DraftMap): void {
  const { model, report } = emission;
  for (const proxy of model.proxies) {
    if (proxy.name === null || proxy.kind === "defaults" || !counts(proxy)) continue;
    if (isForStickiness(model, holderIn(proxy)!)) continue;
    const table = readStickTable(proxy, report);
    if (table !== null) put(document, proxy.name, tableOf(table, report), proxy.name.text);
  }
  for (const { kind, name, ...section } of model.others) {
    if (kind !== "peers" || name === null) continue;
    for (const given of listOf(section, "table")) {
      const holder = peersHolder(name.text, given);
      if (isForStickiness(model, holder)) continue;
      const table = holder.read(report);
      if (table !== null) put(document, given.args[0]!, tableOf(table, report), holder.name);
    }
  }
}

/** A table that is there for stickiness alone is the pool's `stick`. */
export function counts(proxy: ProxySection): boolean {
  const given = proxy.settings.get("stick-table");
  if (given === undefined || given.isBroken) return false;
  return listOf(proxy, "stick").length === 0 || given.args.some(({ text }) => text === "store");
}

function put(document: DraftMap, word: Word, table: DraftMap, name: string): void {
  document.child("counters", word).set(name, table, word.at);
}

function tableOf(table: StickTable, report: Report): DraftMap {
  const { given, type, size, expire } = table;
  const draft = new DraftMap({ at: given.keyword[0]!.at });
  draft.set("key", scalar(KEYS[type.text]!, type));
  draft.put("size", size!.amount, size!.word);
  if (expire === null) draft.put("expire", EXPIRE_MAX, draft);
  else draft.put("expire", expire.text, expire.word);
  const stored = table.store.flatMap((word) => storedOf(word, report) ?? []);
  draft.set("store", list(stored, stored[0] ?? draft));
  return draft;
}

function storedOf(word: Word, report: Report): Draft | null {
  const [, name = "", argument] = /^([a-z0-9_]+)(?:\(([^)]*)\))?$/.exec(word.text) ?? [];
  if (STICKINESS.includes(name) || HTTP.test(name)) {
    report.notice(word, `"${word.text}" is counted by nobody here`);
    return null;
  }
  if (!FIELDS.includes(name)) {
    const expected = `one of ${FIELDS.join(", ")}`;
    report.error(word, `"${word.text}" is no counter of Fairlead's`, expected);
    return null;
  }
  if (argument === undefined) return scalar(name, word);
  const ms = parseTime(argument);
  if (ms !== null) return scalar(`${name}(${writeTime(argument, ms)})`, word);
  report.error(word, `"${word.text}" has no period`, `${name}(10s)`);
  return null;
}
