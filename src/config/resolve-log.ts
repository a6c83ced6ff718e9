// The log part of resolve.ts: outlets with everything filled in.

import { EVERY_CONNECTION } from "../logging/access-filter.ts";
import type { AccessSettings, LineSettings, OutletSettings } from "../logging/outlet-settings.ts";
import { CLOSE_REASONS } from "../shm/close-reason.ts";
import type { AccessDocument, LogDocument, OutletDocument } from "./log-schema.ts";
import type { LogSettings } from "./settings.ts";

export function resolveLog(log: LogDocument): LogSettings {
  const { level, format } = log;
  const outlets = log.outlets?.map((outlet) => resolveOutlet(outlet, log));
  return { level, format, outlets: outlets ?? [resolveStdout(log)] };
}

function resolveStdout({ format, access }: LogDocument): OutletSettings {
  return {
    to: { kind: "stdout" },
    line: { kind: format },
    header: "raw",
    facility: "local0",
    level: "debug",
    levelCap: "emerg",
    tag: "fairlead",
    host: null,
    // What a line of a connection has at most is far below that.
    lengthMax: 0xffff,
    framing: "newline",
    access: resolveAccess(access),
    takesEvents: true,
  };
}

function resolveOutlet(outlet: OutletDocument, log: LogDocument): OutletSettings {
  const { to, facility, level, levelCap, tag, framing } = outlet;
  const isLocal = to.kind === "stdout" || to.kind === "file";
  return {
    to,
    line: resolveLine(outlet, log),
    header: outlet.header ?? (isLocal ? "raw" : "rfc3164"),
    facility,
    level,
    levelCap,
    tag,
    host: outlet.host ?? null,
    lengthMax: outlet.length,
    framing,
    access: resolveAccess(outlet.access ?? log.access),
    takesEvents: outlet.events,
  };
}

function resolveLine(outlet: OutletDocument, log: LogDocument): LineSettings {
  const kind = outlet.format ?? (outlet.to.kind === "stdout" ? log.format : "json");
  return lineOf(kind, outlet);
}

/** @returns how a connection's line looks; the template is empty where there is none */
export function lineOf(
  kind: LineSettings["kind"],
  { template = "", escape: escaping }: Pick<OutletDocument, "template" | "escape">,
): LineSettings {
  switch (kind) {
    case "haproxy":
      return { kind, template };
    case "nginx":
      return { kind, template, escape: escaping };
    default:
      return { kind };
  }
}

function resolveAccess(access: AccessDocument): AccessSettings {
  if (typeof access === "boolean") return { ...EVERY_CONNECTION, isOn: access };
  const { sample, only, empty, reasons, listeners, faultLevel } = access;
  return {
    isOn: true,
    sampleOf: sample,
    faultsOnly: only === "faults",
    skipsEmpty: !empty,
    reasons: reasons.length === 0 ? null : reasons.map(numberOf),
    listeners: listeners.length === 0 ? null : listeners,
    faultLevel,
  };
}

function numberOf(reason: string): number {
  return CLOSE_REASONS.findIndex(({ name }) => name === reason);
}
