// Words for one mistake: what stands there, what was expected, and the nearest thing that would do.
// Pure; the schema has already said no.

import { closest, distance } from "fastest-levenshtein";
import type { Row } from "./field.ts";
import type { RawNode, RawScalar } from "./raw-document.ts";

/** How much of a value is shown; the line and column lead to the rest. */
const SHOWN_LENGTH_MAX = 60;

/** Letters from which on the start of a word stands for the word: `leastconn`, `warn`. */
const ABBREVIATION_MIN = 4;

/** What other programs call our keys; of several the first that can stand there. */
const FOREIGN_WORDS: Readonly<Record<string, readonly string[]>> = {
  backend: ["pools", "pool"],
  backends: ["pools"],
  bind: ["listen"],
  cacertfile: ["authorities"],
  cafile: ["authorities"],
  cert: ["certificates", "certificate"],
  certfile: ["certificates", "certificate"],
  crt: ["certificates", "certificate"],
  frontend: ["listeners"],
  frontends: ["listeners"],
  host: ["address"],
  inter: ["interval"],
  key: ["certificates"],
  keyfile: ["key", "certificates"],
  max_conns: ["connections"],
  max_connections: ["connections"],
  maxconn: ["connections"],
  mode: ["protocol"],
  nbthread: ["workers"],
  ssl: ["tls"],
  threads: ["workers"],
  upstream: ["pools", "pool"],
  upstreams: ["pools"],
  username: ["userName"],
  worker_processes: ["workers"],
};

/** @returns what stands there, to be read after "is": `"fsat"`, `300`, `a list` */
export function describeValue(node: RawNode, row: Row | null): string {
  if (node.kind === "map") return "a mapping";
  if (node.kind === "list") return node.items.length === 0 ? "an empty list" : "a list";
  if (node.value === null) return "empty";
  if (row?.secret) return "not shown here";
  const value = typeof node.value === "string" ? JSON.stringify(node.value) : node.source;
  const shown = value.length > SHOWN_LENGTH_MAX ? `${value.slice(0, SHOWN_LENGTH_MAX)}...` : value;
  return node.source.includes("${") ? `${shown} (from ${stripQuotes(node.source)})` : shown;
}

/** @returns what belongs there, with advice where the value shows what was meant */
export function describeExpected(node: RawNode, row: Row): string {
  const advice = node.kind === "scalar" && !row.secret ? adviceForScalar(node, row) : null;
  return advice === null ? row.expected : `${row.expected}; ${advice}`;
}

/** @returns the word of `known` that was probably meant, or null */
export function nearest(word: string, known: readonly string[]): string | null {
  const folded = fold(word);
  const byFolded = new Map(known.map((candidate) => [fold(candidate), candidate]));
  for (const [theirs, ours] of Object.entries(FOREIGN_WORDS)) {
    const ourWord = ours.find((word) => known.includes(word));
    if (ourWord !== undefined && !byFolded.has(fold(theirs))) byFolded.set(fold(theirs), ourWord);
  }
  if (byFolded.size === 0) return null;
  const candidates = [...byFolded.keys()];
  const akin = candidates.filter((candidate) => isAbbreviation(folded, candidate));
  if (akin.length === 1) return byFolded.get(akin[0]!)!;
  const swapped = candidates.find((candidate) => sortLetters(candidate) === sortLetters(folded));
  const best = swapped ?? closest(folded, candidates);
  const tolerated = Math.max(1, Math.floor(Math.max(folded.length, best.length) / 3));
  return swapped !== undefined || distance(folded, best) <= tolerated ? byFolded.get(best)! : null;
}

function isAbbreviation(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short.length >= ABBREVIATION_MIN && long.startsWith(short);
}

function sortLetters(word: string): string {
  return [...word].sort().join("");
}

// connect_size, connect-size and connectSize are one word to whoever mistypes it.
function fold(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, "");
}

function adviceForScalar(node: RawScalar, row: Row): string | null {
  const isQuoted = /^["']/.test(node.source);
  const value = String(node.value);
  if (row.kind === "count" && isQuoted && /^\d+$/.test(value)) return "leave the quotes away";
  return adviceFor(value, row);
}

function adviceFor(value: string, row: Row): string | null {
  if (row.kind === "duration") return adviceForDuration(value);
  if (row.kind === "size") return adviceForSize(value);
  if (row.kind === "listen" || row.kind === "address") return adviceForAddress(value, row);
  if (row.choices.includes("true")) return adviceForFlag(value);
  if (row.expected.includes(MAPPING)) return adviceForMapping(value, row);
  if (row.expected.includes("file:///path")) return adviceForOutlet(value, row);
  const near = nearest(value, row.choices);
  return near === null || near === value ? null : `did you mean ${near}?`;
}

function adviceForDuration(value: string): string | null {
  if (/^\d+(\.\d+)?$/.test(value)) return `add a unit: ${value}s or ${value}ms`;
  const match = /^(\d+)\s*(ms|millis|s|secs?|seconds?|m|mins?|minutes?|h|hours?)$/i.exec(value);
  if (match === null) return null;
  const [, amount, unit] = match;
  const short = /^(ms|milli)/i.test(unit!) ? "ms" : unit!.charAt(0).toLowerCase();
  const meant = `${amount}${short}`;
  return meant === value ? null : `did you mean ${meant}?`;
}

function adviceForSize(value: string): string | null {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg])(i?b)?$/i.exec(value);
  if (match === null) return null;
  const [, amount, letter] = match;
  const upper = letter!.toUpperCase();
  const [binary, decimal] = [`${amount}${upper}iB`, `${amount}${upper === "K" ? "k" : upper}B`];
  if (value === binary || value === decimal) return null;
  return `write ${binary} for powers of 1024 or ${decimal} for powers of 1000`;
}

/** How rows of mappings say what they take. */
const MAPPING = "mapping with the keys ";

function adviceForMapping(value: string, { expected }: Row): string | null {
  const flag = adviceForFlag(value) ?? `write ${value}`;
  if (flag === "write true") return "write {} for its defaults";
  const hasSwitch = /\benabled\b/.test(expected);
  return flag === "write false" && hasSwitch ? "write { enabled: false }" : null;
}

function adviceForOutlet(value: string, { choices }: Row): string | null {
  if (value.startsWith("/")) return `write file://${value}, or unix://${value} for a socket`;
  const syslog = /^(?:syslog:\/\/)?([^/\s]+:\d+)$/.exec(value)?.[1];
  if (syslog !== undefined) return `write udp://${syslog}`;
  const near = nearest(value, choices);
  return near === null || near === value ? null : `did you mean ${near}?`;
}

function adviceForAddress(written: string, row: Row): string | null {
  const value = written.trim().replace(/^(mqtts?|wss?|tcp|ssl|tls):\/\//i, "");
  // The one thing that was wrong with it.
  if (value !== written && /^(\S+|\[\S+\]):\d{1,5}$/.test(value)) return `write ${value}`;
  const unbracketed = /^((?:[0-9a-f]*:){2,}[0-9a-f]*):(\d{4,5})$/i.exec(value);
  if (unbracketed !== null) return `write [${unbracketed[1]}]:${unbracketed[2]}`;
  if (row.kind === "address") {
    return /^(?=.*[A-Za-z.])[A-Za-z0-9._-]+$/.test(value) ? `add a port: ${value}:1883` : null;
  }
  const port = /^(?:\*?:)?(\d{1,5})$/.exec(value)?.[1];
  if (port !== undefined) return `write 0.0.0.0:${port} for every IPv4 address of this machine`;
  const local = /^localhost:(\d+)$/i.exec(value)?.[1];
  return local === undefined ? null : `write 127.0.0.1:${local}`;
}

function adviceForFlag(value: string): string | null {
  if (/^(y|yes|on|1)$/i.test(value)) return "write true";
  return /^(n|no|off|0)$/i.test(value) ? "write false" : null;
}

function stripQuotes(source: string): string {
  return source.replace(/^(["'])(.*)\1$/s, "$2");
}
