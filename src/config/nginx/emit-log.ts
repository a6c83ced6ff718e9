// `access_log` and `log_format` as outlets of our log: each place gets one outlet for all listeners
// that log there in the same way. What happens to Fairlead itself goes to standard output.

import { resolve } from "node:path";
import { nearest } from "../explain.ts";
import { type Draft, DraftMap, list, scalar } from "../import/draft.ts";
import { signatureOf } from "../import/hoist.ts";
import type { Word } from "../import/word.ts";
import type { Emission } from "./emission.ts";
import { type Given, listOf, type Scope } from "./model.ts";
import { splitParameter } from "./parameter.ts";
import { readSyslog } from "./read-syslog.ts";

const STANDARD_OUTPUT = "/dev/stdout";

/** The names of the listeners that were made of each server. */
export type ListenersOf = ReadonlyMap<Scope, readonly string[]>;

/** @param log the section, which stands first in the document */
export function emitLog(
  emission: Emission,
  log: DraftMap,
  { listenersOf, total }: { readonly listenersOf: ListenersOf; readonly total: number },
): void {
  const groups = new Map<string, { outlet: DraftMap; names: Map<string, Draft> }>();
  for (const server of emission.model.servers) {
    for (const given of listOf(server, "access_log")) {
      const outlet = outletOf(emission, given);
      if (outlet === null) continue;
      const signature = signatureOf(outlet);
      const group = groups.get(signature) ?? { outlet, names: new Map<string, Draft>() };
      for (const name of listenersOf.get(server) ?? []) {
        group.names.set(name, scalar(name, given.name));
      }
      groups.set(signature, group);
    }
  }
  if (groups.size === 0) {
    log.put("access", false, { at: log.at });
    return;
  }
  const outlets = [...groups.values()].map(({ outlet, names }) => {
    const items = [...names.values()];
    if (items.length > 0 && items.length < total) {
      outlet.child("access", items[0]!).set("listeners", list(items, items[0]!));
    }
    return outlet;
  });
  const all = outlets.some(isStandardOutput) ? outlets : [ownOutlet(log), ...outlets];
  log.set("outlets", list(all, outlets[0]!));
}

function isStandardOutput(outlet: DraftMap): boolean {
  const to = outlet.entries.get("to")?.node;
  return to?.kind === "scalar" && to.value === "stdout";
}

function ownOutlet({ at }: DraftMap): DraftMap {
  const outlet = new DraftMap({ at });
  outlet.put("to", "stdout", { at });
  outlet.put("access", false, { at });
  return outlet;
}

/** @returns null where nothing is written, or what is wrong was reported */
function outletOf(emission: Emission, given: Given): DraftMap | null {
  const [place, format, ...rest] = given.args as [Word, ...Word[]];
  if (place.text === "off") return null;
  const outlet = new DraftMap({ at: given.name.at });
  if (!emitPlace(emission, place, outlet)) return null;
  if (format === undefined) {
    const message = '"access_log" has no format, which streams have none of their own for';
    emission.report.error(given.name, message, "the name of a log_format behind the file");
    return null;
  }
  if (!emitFormat(emission, format, outlet)) return null;
  // A file of access lines is read by programs that know its format alone.
  if (!isStandardOutput(outlet)) outlet.put("events", false, { at: given.name.at });
  for (const word of rest) tellOfParameter(emission, word);
  return outlet;
}

function emitPlace(emission: Emission, place: Word, outlet: DraftMap): boolean {
  const { report, workingDirectory } = emission;
  if (place.text.startsWith("syslog:")) return readSyslog(place, outlet, report);
  if (place.text.includes("$")) {
    report.error(place, "access_log differs from client to client", "the path of one file");
    return false;
  }
  const isStandard = place.text === STANDARD_OUTPUT;
  const to = isStandard ? "stdout" : `file://${resolve(workingDirectory, place.text)}`;
  outlet.put("to", to, place);
  return true;
}

function emitFormat({ model, report }: Emission, word: Word, outlet: DraftMap): boolean {
  const formats = model.stream === null ? [] : listOf(model.stream, "log_format");
  const names = formats.map(({ args }) => args[0]!.text);
  const format = formats[names.indexOf(word.text)];
  if (format === undefined) {
    const near = nearest(word.text, names);
    const expected = near === null ? "the name of a log_format" : `"${near}"`;
    report.error(word, `there is no log_format "${word.text}"`, expected);
    return false;
  }
  const [first, ...more] = format.args.slice(1);
  const escaping = first?.text.startsWith("escape=") === true ? splitParameter(first) : null;
  const texts = escaping === null ? format.args.slice(1) : more;
  const at = texts[0] ?? word;
  outlet.put("format", "nginx", word);
  const template = scalar(texts.map(({ text }) => text).join(""), at);
  // Whatever is wrong in it is wrong in the format.
  outlet.set("template", { ...template, pieces: [{ from: 0, at: at.at, isFixed: true }] });
  if (escaping !== null) outlet.put("escape", escaping.text, escaping);
  return true;
}

const BUFFERS = ["buffer", "gzip", "flush"];

function tellOfParameter({ report }: Emission, word: Word): void {
  const name = word.text.split("=")[0]!;
  if (name === "if") {
    report.error(word, '"if=" cannot be honoured: all connections leave lines, or none');
  } else if (BUFFERS.includes(name)) {
    report.notice(word, `"${name}" is about how nginx writes files`);
  } else {
    const near = nearest(name, [...BUFFERS, "if"]);
    const expected = near === null ? null : `"${near}"`;
    report.error(word, `"${word.text}" is no parameter of access_log`, expected);
  }
}
