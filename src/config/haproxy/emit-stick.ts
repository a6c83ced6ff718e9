// `stick` of a backend: what returning clients are known by, and how long.

import { DraftMap, placeholder } from "./draft.ts";
import type { Emission } from "./emission.ts";
import { readKey } from "./expressions.ts";
import { type Given, listOf, type ProxySection } from "./model.ts";
import { EXPIRE_MAX, readStickTable } from "./read-stick-table.ts";
import type { Word } from "./word.ts";

/** Puts `stick` into the pool where clients are stuck to servers. */
export function emitStick(emission: Emission, proxy: ProxySection, pool: DraftMap): void {
  const { report } = emission;
  const [first, ...more] = listOf(proxy, "stick");
  if (first === undefined) return;
  for (const rule of more) {
    const message = "a second stick rule cannot be honoured: a pool knows clients by one thing";
    report.error(rule.keyword[0]!, message);
  }
  const table = readStickTable(proxy, report);
  if (table === null) {
    // One that is wrong was reported.
    if (proxy.settings.has("stick-table")) return;
    const expected = "stick-table type string len 64 size 100k expire 30m";
    report.error(first.keyword[0]!, '"stick" has no stick-table in its section', expected);
    return;
  }
  const key = keyOf(emission, first);
  if (key === null) return;
  const stick = new DraftMap({ at: first.keyword[0]!.at });
  stick.set("by", key);
  stick.put("size", table.size!.amount, table.size!.word);
  if (table.expire === null) stick.put("expire", EXPIRE_MAX, { at: table.given.keyword[0]!.at });
  else stick.put("expire", table.expire.text, table.expire.word);
  pool.set("stick", stick);
}

/** `stick on` is `stick match` and `stick store-request` in one. */
function keyOf(emission: Emission, { args }: Given) {
  const { report } = emission;
  const [verb, ...words] = args as [Word, ...Word[]];
  if (verb.text !== "on") {
    const message = `"stick ${verb.text}" cannot be honoured alone: Fairlead matches and stores`;
    report.error(verb, message, "stick on");
    return null;
  }
  const key = readKey(words, emission);
  if (key === null) return placeholder("source", verb);
  const [extra] = key.rest;
  if (extra === undefined) return key.draft;
  const message = `"${extra.text}" cannot be honoured behind "stick on"`;
  report.error(extra, message, "the expression alone");
  return null;
}
