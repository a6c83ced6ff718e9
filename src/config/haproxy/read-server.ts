// Reads `server`, `server-template` and `default-server` lines (HAProxy's manual, chapter 5.2).

import type { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";
import { isMistake, parseTarget } from "./addresses.ts";
import { SERVER_OPTIONS } from "./keywords/server-options.ts";
import type { Given, Options, ProxySection, Server } from "./model.ts";
import { type OptionsRead, readOptions } from "./read-options.ts";

/** Of one `server-template`. */
const TEMPLATE_SERVERS_MAX = 10_000;

/** What it says counts for the servers below it. */
export function readDefaultServer(given: Given, proxy: ProxySection, report: Report): void {
  proxy.defaultServer = over(proxy.defaultServer, readOptions(given.args, SERVER_OPTIONS, report));
}

export function readServer(given: Given, proxy: ProxySection, report: Report): void {
  const isTemplate = given.keyword[0]!.text === "server-template";
  const words = given.args as [Word, Word, ...Word[]];
  const template = isTemplate ? readTemplate(words[1], report) : null;
  if (isTemplate && template === null) proxy.isBroken = true;
  const [address, ...rest] = isTemplate ? words.slice(2) : words.slice(1);
  const target = parseTarget(address!.text);
  if (isMistake(target)) {
    report.error(address!, `the address ${target.mistake}`, target.expected);
  }
  const options = over(proxy.defaultServer, readOptions(rest, SERVER_OPTIONS, report));
  const server: Server = { given, name: words[0], address: address!, template, options };
  proxy.servers.push(server);
}

function readTemplate(word: Word, report: Report): Server["template"] {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(word.text);
  const [, one = "0", high] = match ?? [];
  const first = high === undefined ? 1 : Number(one);
  const last = Number(high ?? one);
  if (last >= first && last > 0 && last - first < TEMPLATE_SERVERS_MAX) return { first, last };
  report.error(word, `"${word.text}" is no number of servers`, "a number, or a range such as 1-5");
  return null;
}

function over(defaults: Options, { options, negated }: OptionsRead): Options {
  if (options.size === 0 && negated.size === 0) return defaults;
  const merged = new Map(defaults);
  for (const name of negated) merged.delete(name);
  for (const [name, option] of options) merged.set(name, option);
  return merged;
}
