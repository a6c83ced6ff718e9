// `access_log`: whether connections leave lines, which Fairlead says once for all listeners.

import type { DraftMap } from "../haproxy/draft.ts";
import type { Emission } from "./emission.ts";
import { type Given, listOf } from "./model.ts";

export function emitLog({ model, report }: Emission, document: DraftMap): void {
  const given = model.servers.map((server) => listOf(server, "access_log"));
  const kept = given.map((lines) => lines.filter((line) => !isOff(line)));
  const logging = kept.filter((lines) => lines.length > 0);
  const [first] = logging.flat();
  // First in the document, where the comment at the head of the file belongs.
  const { at } = document;
  document.child("log", { at }).put("access", first !== undefined, first?.args[0] ?? { at });
  for (const line of new Set(logging.flat())) tellOfPlace(report, line);
  const silent = model.servers.find((_, index) => kept[index]!.length === 0);
  if (first === undefined || silent === undefined) return;
  const message = "this server has no access_log; its connections leave lines as all others do";
  report.notice(silent.at, message);
}

function isOff({ args }: Given): boolean {
  return args[0]!.text === "off";
}

function tellOfPlace(report: Emission["report"], { args }: Given): void {
  const [place, , ...rest] = args;
  const where = place!.text.startsWith("syslog:") ? "a log server" : "a file";
  const message = `access_log goes to standard output as JSON, and not to ${where}`;
  report.notice(place!, message);
  const condition = rest.find(({ text }) => text.startsWith("if="));
  if (condition !== undefined) {
    report.error(condition, '"if=" cannot be honoured: all connections leave lines, or none');
  }
}
