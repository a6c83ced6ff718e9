// Reads a `bind` line: its addresses and its options (HAProxy's manual, chapter 5.1).

import type { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";
import { isMistake, parseBind } from "./addresses.ts";
import { BIND_OPTIONS } from "./keywords/bind-options.ts";
import type { Bind, Given, ProxySection } from "./model.ts";
import { readOptions } from "./read-options.ts";

export function readBind(given: Given, proxy: ProxySection, report: Report): void {
  const [address, ...rest] = given.args as [Word, ...Word[]];
  const addresses = readAddresses(address, report);
  const { options, inOrder } = readOptions(rest, BIND_OPTIONS, report);
  const certificates = inOrder.filter(({ keyword }) => /^(default-)?crt$/.test(keyword.text));
  if (addresses.length === 0) proxy.isBroken = true;
  const bind: Bind = { given, addresses, options, certificates };
  proxy.binds.push(bind);
}

function readAddresses(word: Word, report: Report): Bind["addresses"] {
  let column = word.at.column;
  const found = word.text.split(",").flatMap((text) => {
    const parsed = parseBind(text);
    // Inside quotes columns are not those of the text.
    const at = word.source === word.text ? { ...word.at, column } : word.at;
    column += text.length + 1;
    if (!isMistake(parsed)) return parsed;
    report.error(at, `the address ${parsed.mistake}`, parsed.expected ?? null);
    return [];
  });
  return found;
}
