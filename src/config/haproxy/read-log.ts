// Reads a `log` line (HAProxy's manual, chapter 4.2):
//
//   log ADDRESS [len LENGTH] [format FORMAT] [sample RANGES:SIZE] FACILITY [MAXLEVEL [MINLEVEL]]

import { FACILITIES, HEADERS, LEVELS } from "../../logging/syslog-names.ts";
import type { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";
import { isMistake, joinHostPort, parseTarget } from "./addresses.ts";
import { parseCount } from "./amounts.ts";
import type { Given } from "./model.ts";
import { WordReader } from "./word-reader.ts";

/** HAProxy's own, in bytes. */
const LENGTH = 1024;
const SYSLOG_PORT = 514;

export interface LogTarget {
  readonly given: Given;
  readonly address: Word;
  /** As our document has it: `stdout`, `udp://127.0.0.1:514`, `unix:///dev/log`. */
  readonly to: string;
  readonly facility: Word;
  /** The least severe level that is sent. */
  readonly level: Word | null;
  /** What is more severe is sent as this. */
  readonly levelCap: Word | null;
  readonly header: Word | null;
  readonly length: number;
  readonly lengthWord: Word | null;
  /** Of so many lines one is sent. */
  readonly sample: { readonly every: number; readonly word: Word } | null;
}

type Unfinished = { -readonly [Key in keyof LogTarget]: LogTarget[Key] };

/** @returns null after it has reported what is wrong */
export function readLog(given: Given, report: Report): LogTarget | null {
  const [address, ...rest] = given.args as [Word, ...Word[]];
  const to = destinationOf(address, report);
  const reader = new WordReader(rest, given.keyword[0]!, report);
  const target: Unfinished = {
    ...{ given, address, to: to ?? "", facility: address, level: null, levelCap: null },
    ...{ header: null, length: LENGTH, lengthWord: null, sample: null },
  };
  for (let word = reader.next(); word !== null; word = reader.next()) {
    if (!["len", "format", "sample", "profile"].includes(word.text)) {
      return readFacility(reader, word, target) && to !== null ? target : null;
    }
    if (!readOption(reader, word, target)) return null;
  }
  const expected = "an address and a facility such as local0";
  report.error(given.keyword[0]!, '"log" has no facility', expected);
  return null;
}

/** Addresses of HAProxy's that are no syslog receiver, or no address at all. */
const NEITHER = /^(ring|backend)@/;
const STREAMS = ["stdout", "stderr", "fd@1", "fd@2"];

function destinationOf(address: Word, report: Report): string | null {
  const { text } = address;
  if (STREAMS.includes(text)) return "stdout";
  const path = text.replace(/^(unix@|uxdg@|unix:)/, "");
  if (path.startsWith("/")) return `unix://${path}`;
  if (NEITHER.test(text)) {
    report.error(address, `"${text}" cannot be honoured: lines go to a receiver`, "127.0.0.1:514");
    return null;
  }
  const isTcp = /^tcp[46]?@/.test(text);
  const target = parseTarget(text.replace(/^(udp|tcp|ipv)[46]?@/, ""));
  if (isMistake(target)) {
    report.error(address, `the address ${target.mistake}`, "an address such as 127.0.0.1:514");
    return null;
  }
  const port = target.port.kind === "fixed" ? target.port.port : SYSLOG_PORT;
  return `${isTcp ? "tcp" : "udp"}://${joinHostPort(target.host, port)}`;
}

function readOption(reader: WordReader, keyword: Word, target: Unfinished): boolean {
  const value = reader.valueOf(keyword);
  if (value === null) return false;
  if (keyword.text === "profile") {
    return reader.refuse(keyword, "log-format, or option tcplog");
  }
  if (keyword.text === "len") {
    const length = parseCount(value.text);
    if (length === null) return reader.refuse(value, "a number of bytes");
    target.length = length;
    target.lengthWord = value;
    return true;
  }
  if (keyword.text === "format") {
    if (!(HEADERS as readonly string[]).includes(value.text)) {
      return reader.refuse(value, HEADERS.join(", "));
    }
    target.header = value;
    return true;
  }
  return readSample(reader, value, target);
}

/** `1:10` or `1,3-5:10`: so many of ten. */
function readSample(reader: WordReader, word: Word, target: Unfinished): boolean {
  const [, ranges = "", size] = /^([\d,-]+):(\d+)$/.exec(word.text) ?? [];
  let taken = 0;
  let highest = 0;
  for (const range of ranges.split(",")) {
    const [low = Number.NaN, high = low] = range.split("-").map(Number);
    taken += high - low + 1;
    highest = Math.max(highest, high);
  }
  const every = Math.round(Number(size) / taken);
  if (!(every >= 1) || highest > Number(size))
    return reader.refuse(word, "ranges and a size such as 1:10");
  target.sample = { every, word };
  return true;
}

function readFacility(reader: WordReader, facility: Word, target: Unfinished): boolean {
  const { report } = reader;
  if (!(FACILITIES as readonly string[]).includes(facility.text)) {
    report.error(facility, `"${facility.text}" is no facility`, "one such as local0");
    return false;
  }
  target.facility = facility;
  target.level = reader.next();
  target.levelCap = reader.next();
  for (const word of [target.level, target.levelCap]) {
    if (word === null || (LEVELS as readonly string[]).includes(word.text)) continue;
    report.error(word, `"${word.text}" is no level`, `one of ${LEVELS.join(", ")}`);
    return false;
  }
  return reader.finish();
}
