// `log` lines of the global section and of proxies (HAProxy's manual, chapters 3.1 and 4.2).

import { DraftMap, list, scalar } from "./draft.ts";
import { type Emission, hasKey } from "./emission.ts";
import { type Given, listOf, type ProxySection, setting } from "./model.ts";
import type { Word } from "./word.ts";
import { WordReader } from "./word-reader.ts";

const FACILITIES = (
  "kern user mail daemon auth syslog lpr news uucp cron auth2 ftp ntp audit alert cron2 " +
  "local0 local1 local2 local3 local4 local5 local6 local7"
).split(" ");
const LEVELS = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];
const FORMATS = ["local", "rfc3164", "rfc5424", "priority", "short", "timed", "iso", "raw"];
const STREAMS = ["stdout", "stderr"];

interface LogLine {
  readonly address: Word;
  readonly facility: Word;
  readonly level: Word | null;
  readonly format: Word | null;
  readonly given: Given;
}

/** Puts `log` into the document: where lines go, and whether connections leave any. */
export function emitSyslog(emission: Emission, document: DraftMap): void {
  const { model, report } = emission;
  const inProxies = model.proxies.flatMap((proxy) => listOf(proxy, "log"));
  const isNamed = ({ args }: Given) => args[0]!.text !== "global";
  const given = [...new Set([...listOf(model.global, "log"), ...inProxies.filter(isNamed)])];
  const lines = given.flatMap((line) => readLog(line, report) ?? []);
  const used = model.proxies.filter(logs);
  // What nobody said stands beside the first name there is: comments belong to what was written.
  const aside = model.proxies.find(({ name }) => name !== null)?.name?.at ?? model.global.at;
  const log = document.child("log", { at: given[0]?.keyword[0]?.at ?? aside });
  log.put("access", used.length > 0, { at: aside });
  const remote = lines.filter(({ address }) => !STREAMS.includes(address.text));
  if (remote.length > 0) emitTargets(emission, remote, log);
}

/** Whether connections of a section leave lines. */
function logs(proxy: ProxySection): boolean {
  return (proxy.kind === "frontend" || proxy.kind === "listen") && listOf(proxy, "log").length > 0;
}

function readLog(given: Given, report: Emission["report"]): LogLine | null {
  const [address, ...rest] = given.args as [Word, ...Word[]];
  const reader = new WordReader(rest, given.keyword[0]!, report);
  let format: Word | null = null;
  for (let word = reader.next(); word !== null; word = reader.next()) {
    if (word.text === "len" || word.text === "format" || word.text === "sample") {
      const value = reader.valueOf(word);
      if (value === null) return null;
      if (word.text === "format") format = value;
      if (word.text === "sample") report.notice(word, '"sample" leaves lines out; all of them go');
      if (word.text !== "format" || FORMATS.includes(value.text)) continue;
      reader.refuse(value, FORMATS.join(", "));
      return null;
    }
    return readFacility(reader, word, { given, address, format });
  }
  report.error(
    given.keyword[0]!,
    '"log" has no facility',
    "an address and a facility such as local0",
  );
  return null;
}

function readFacility(
  reader: WordReader,
  facility: Word,
  line: Pick<LogLine, "given" | "address" | "format">,
): LogLine | null {
  if (!FACILITIES.includes(facility.text)) {
    reader.report.error(facility, `"${facility.text}" is no facility`, "one such as local0");
    return null;
  }
  const level = reader.next();
  const levelMin = reader.next();
  for (const word of [level, levelMin]) {
    if (word === null || LEVELS.includes(word.text)) continue;
    reader.report.error(word, `"${word.text}" is no level`, `one of ${LEVELS.join(", ")}`);
    return null;
  }
  return reader.finish() ? { ...line, facility, level } : null;
}

function emitTargets(emission: Emission, lines: readonly LogLine[], log: DraftMap): void {
  if (!hasKey("root", "log.syslog")) {
    for (const { address } of lines) {
      const message = `nothing is sent to ${address.text}: lines go to standard output`;
      emission.report.warning(address, message, "a service manager or container that keeps them");
    }
    return;
  }
  const targets = lines.map((line) => targetOf(emission, line));
  log.set("syslog", list(targets, targets[0]!));
}

function targetOf({ model }: Emission, { address, facility, level, format, given }: LogLine) {
  const target = new DraftMap({ at: given.keyword[0]!.at });
  const isSocket = address.text.startsWith("/") || address.text.includes(":");
  target.put("address", isSocket ? address.text : `${address.text}:514`, address);
  target.set("facility", scalar(facility.text, facility));
  if (level !== null) target.set("level", scalar(level.text, level));
  if (format !== null) target.set("format", scalar(format.text, format));
  const tag = setting(model.global, "log-tag")?.args[0];
  if (tag !== undefined) target.set("tag", scalar(tag.text, tag));
  return target;
}
