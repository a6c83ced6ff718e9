// `syslog:server=10.0.0.1:514,facility=local7,tag=nginx,severity=info`, as `access_log` takes it.

import type { DraftMap } from "../import/draft.ts";
import type { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";
import { joinTarget, readTarget } from "./read-upstream-server.ts";

const SYSLOG_PORT = 514;
/** What nginx sends where nothing is said. */
const FACILITY = "local7";
const TAG = "nginx";
const KNOWN = "server=, facility=, tag=, severity= or nohostname";

/** @returns whether it could be read */
export function readSyslog(word: Word, outlet: DraftMap, report: Report): boolean {
  const found = new Map<string, string>();
  for (const part of word.text.slice("syslog:".length).split(",")) {
    const [, name = part, value = ""] = /^([a-z]+)=(.*)$/.exec(part) ?? [];
    if (!["server", "facility", "tag", "severity", "nohostname"].includes(name)) {
      report.error(word, `"${part}" is no parameter of syslog`, KNOWN);
      return false;
    }
    found.set(name, value);
  }
  const to = destinationOf(word, found.get("server") ?? "", report);
  if (to === null) return false;
  outlet.put("to", to, word);
  outlet.put("facility", found.get("facility") ?? FACILITY, word);
  outlet.put("tag", found.get("tag") ?? TAG, word);
  const severity = found.get("severity") ?? "info";
  if (severity !== "info") {
    report.notice(word, `severity=${severity} makes no difference: lines of connections are info`);
  }
  return true;
}

function destinationOf(word: Word, server: string, report: Report): string | null {
  if (server.startsWith("unix:")) return `unix://${server.slice("unix:".length)}`;
  const named = { ...word, text: server, source: server };
  const target = readTarget(named, report, { portDefault: SYSLOG_PORT });
  return target === null ? null : `udp://${joinTarget(target.host, target.port!)}`;
}
