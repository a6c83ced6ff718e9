// Maps of the plan, compiled: HAProxy's by match method, and nginx's `map`, `geo` and
// `split_clients`. Each takes a value and gives a byte text or null.
//
// Equal texts and networks are looked up at once, everything else row by row in the order of the
// list; the first match counts. Pure; bounded by the list.

import { lowerAscii, toByteText } from "./byte-text.ts";
import { murmur2 } from "./hashes.ts";
import type { MatchMethod } from "./match-method.ts";
import { compilePattern } from "./matchers.ts";
import { NetworkLookup, parseNetwork } from "./network.ts";
import type { MapEntry } from "./plan-types.ts";
import {
  compileRegex,
  fromRegexSubject,
  matchesRegex,
  REGEX_SUBJECT_SIZE_MAX,
  regexSubject,
} from "./regex.ts";
import { textOf, type Value } from "./value.ts";

export type MapLookup = (value: Value) => string | null;
type Entries = readonly MapEntry[];

/** @param isTemplate the row's value may name groups of the match: `\1` */
export function compileMap(entries: Entries, method: MatchMethod, isTemplate: boolean): MapLookup {
  if (method === "str") return ofTexts(entries);
  if (method === "ip") return ofNetworks(entries);
  if (isTemplate) return ofTemplates(entries);
  const rows = entries.map(({ key, value }) => {
    return { matches: compilePattern(method, key, false), value: toByteText(value) };
  });
  if (method !== "beg") return (value) => rows.find((row) => row.matches(value))?.value ?? null;
  // Of several beginnings the longest one counts.
  const keys = new Map(rows.map((row, i) => [row, entries[i]!.key.length]));
  rows.sort((a, b) => keys.get(b)! - keys.get(a)!);
  return (value) => rows.find((row) => row.matches(value))?.value ?? null;
}

function ofTexts(entries: Entries): MapLookup {
  const values = new Map<string, string>();
  for (const { key, value } of entries) {
    const text = toByteText(key);
    if (!values.has(text)) values.set(text, toByteText(value));
  }
  return (value) => {
    const text = textOf(value);
    return text === null ? null : (values.get(text) ?? null);
  };
}

function ofNetworks(entries: Entries): MapLookup {
  const networks = new NetworkLookup<string>();
  for (const { key, value } of entries) {
    const network = parseNetwork(key);
    if (network !== null) networks.add(network, toByteText(value));
  }
  return (value) => {
    return value.type === "address" ? (networks.find(value.address) ?? null) : null;
  };
}

function ofTemplates(entries: Entries): MapLookup {
  const rows = entries.map(({ key, value }) => {
    return { regex: compileRegex(toByteText(key), false), value: toByteText(value) };
  });
  return (value) => {
    const text = textOf(value);
    if (text === null || text.length > REGEX_SUBJECT_SIZE_MAX) return null;
    for (const row of rows) {
      const match = row.regex.exec(regexSubject(text));
      if (match === null) continue;
      return row.value.replace(/\\(\d)/g, (_, n: string) =>
        fromRegexSubject(match[Number(n)] ?? ""),
      );
    }
    return null;
  };
}

/**
 * nginx's `map`: equal texts (case does not matter), then `hostnames`' masks, then regular
 * expressions (`~`, `~*`) in order, then `default`; "" when there is none.
 * The key `hostnames` turns masks on; `volatile` has no meaning here; `\` before a name that is one
 * of these words makes it a text.
 */
export function compileNginxMap(entries: Entries): MapLookup {
  const words = new Set(entries.map(({ key }) => key));
  const rows = entries.filter(({ key }) => key !== "hostnames" && key !== "volatile");
  const exact = new Map<string, string>();
  const regexes: { regex: RegExp; value: string }[] = [];
  let otherwise = "";
  for (const { key, value } of rows) {
    if (key === "default") otherwise = toByteText(value);
    else if (key.startsWith("~")) {
      const ignoreCase = key.startsWith("~*");
      const pattern = toByteText(key.slice(ignoreCase ? 2 : 1));
      regexes.push({ regex: compileRegex(pattern, ignoreCase), value: toByteText(value) });
    } else exact.set(nginxKey(key), toByteText(value));
  }
  const masks = words.has("hostnames");
  return (value) => {
    const text = lowerAscii(textOf(value) ?? "");
    const found = exact.get(text) ?? (masks ? findMask(exact, text) : undefined);
    if (found !== undefined) return found;
    const original = textOf(value) ?? "";
    return regexes.find(({ regex }) => matchesRegex(regex, original))?.value ?? otherwise;
  };
}

// `.example.com` stands for the name itself and `*.example.com`.
function nginxKey(key: string): string {
  return lowerAscii(toByteText(key.startsWith("\\") ? key.slice(1) : key));
}

// The longest mask with a star in front, then the longest with one behind.
function findMask(exact: ReadonlyMap<string, string>, host: string): string | undefined {
  const itself = exact.get(`.${host}`);
  if (itself !== undefined) return itself;
  for (let at = host.indexOf("."); at >= 0; at = host.indexOf(".", at + 1)) {
    const rest = host.slice(at);
    const found = exact.get(`*${rest}`) ?? exact.get(rest);
    if (found !== undefined) return found;
  }
  for (let at = host.lastIndexOf("."); at > 0; at = host.lastIndexOf(".", at - 1)) {
    const found = exact.get(`${host.slice(0, at)}.*`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** nginx's `geo`: the narrowest network, else `default`, else "". Ranges `a-b` are not networks. */
export function compileGeo(entries: Entries): MapLookup {
  const otherwise = entries.find(({ key }) => key === "default")?.value ?? "";
  const lookup = ofNetworks(entries.filter(({ key }) => key !== "default"));
  return (value) => lookup(value) ?? toByteText(otherwise);
}

/**
 * nginx's `split_clients`: MurmurHash2 of the text, shares in percent with two decimals, in order;
 * `*` takes the rest, and without it the rest gets "".
 */
export function compileSplit(entries: Entries): MapLookup {
  let taken = 0;
  const shares = entries.map(({ key, value }) => {
    // Hundredths of a percent, as nginx counts them.
    const share = key === "*" ? 0 : Math.round(Number(key.replace("%", "")) * 100);
    taken += Math.floor((0xffffffff * share) / 10_000);
    return { end: key === "*" ? 2 ** 32 : taken, value: toByteText(value) };
  });
  return (value) => {
    const hash = murmur2(textOf(value) ?? "");
    return shares.find(({ end }) => hash < end)?.value ?? "";
  };
}
