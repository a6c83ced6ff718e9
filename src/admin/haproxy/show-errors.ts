// HAProxy's `show errors`: the latest bytes that broke a protocol, of each frontend what clients
// sent and of each backend what servers did, dumped as HAProxy dumps them. Where HAProxy tells of
// its HTTP parser, we name the close reason and the rule of MQTT; both say at which position.
//
// Bounded: one capture of CAPTURED_MAX bytes for each listener and pool. Formats; keeps nothing.

import { endpointPort, formatAddress } from "../../bytes/endpoint.ts";
import { haproxyDate } from "../../logging/log-time.ts";
import { ruleId, ruleRow } from "../../mqtt/rule.ts";
import { CLOSE_REASONS } from "../../shm/close-reason.ts";
import type { CapturedError } from "../../shm/error-captures.ts";
import type { Supervisor } from "../../supervisor/supervisor.ts";
import { type CommandCall, Refused } from "./command.ts";
import { backendIid, frontendIid } from "./stat-rows.ts";

/** Columns that a line of a dump is filled up to, its position included. */
const LINE_WIDTH = 80;
const DIRECTIONS = ["request", "response"];

/** One capture, and whose it is. */
interface Shown {
  readonly error: CapturedError;
  /** A frontend's, or a backend's. */
  readonly isRequest: boolean;
  readonly name: string;
  readonly iid: number;
}

/** @returns the answer to `show errors [IID|NAME] [request|response]` */
export function showErrors({ supervisor, args }: CommandCall): string {
  const [only, direction] = DIRECTIONS.includes(args[0] ?? "") ? [undefined, args[0]] : args;
  const count = supervisor.shared.errors.count();
  const head = `Total events captured on [${haproxyDate(Date.now())}] : ${count}`;
  const shown = listErrors(supervisor, only).filter(({ isRequest }) => {
    return direction === undefined || isRequest === (direction === "request");
  });
  return [head, ...shown.flatMap((each) => describeError(supervisor, each)), ""].join("\n");
}

/** @throws Refused when nobody has that name or number */
function listErrors(supervisor: Supervisor, only: string | undefined): Shown[] {
  const { roster, shared } = supervisor;
  const { settings, listeners, pools } = roster;
  const frontends = listeners.map((listener, i) => ({
    error: shared.errors.ofListener(listener),
    isRequest: true,
    name: settings.listeners[listener]!.name,
    iid: frontendIid(i),
  }));
  const backends = pools.map((pool, i) => ({
    error: shared.errors.ofPool(pool),
    isRequest: false,
    name: settings.pools[pool]!.name,
    iid: backendIid(supervisor, i),
  }));
  const all = [...frontends, ...backends];
  const wanted = all.filter(({ name, iid }) => {
    return only === undefined || only === "-1" || only === name || only === String(iid);
  });
  if (only !== undefined && only !== "-1" && wanted.length === 0)
    throw new Refused("No such proxy.");
  return wanted.flatMap(({ error, ...of }) => (error === null ? [] : [{ ...of, error }]));
}

function describeError(supervisor: Supervisor, { error, isRequest, name, iid }: Shown): string[] {
  const server = supervisor.settings.servers[error.server];
  const source = `${formatAddress(error.endpoint, 0)}:${endpointPort(error.endpoint, 0)}`;
  const other = isRequest ? nameBackend(supervisor, error.pool) : nameFrontend(supervisor, error);
  const { name: reason, sentence } = CLOSE_REASONS[error.reason]!;
  const rule = ruleRow(error.rule);
  return [
    " ",
    `[${haproxyDate(error.atMs)}] ${isRequest ? "frontend" : "backend"} ${name} (#${iid}): ` +
      `invalid ${isRequest ? "request" : "response"}`,
    `  ${other}, server ${nameAndNumber(server?.name, server?.id)}, src ${source}`,
    `  len ${error.size}, of which ${error.bytes.length} are shown${describeFault(error)}`,
    `  ${reason}: ${sentence}`,
    ...(rule === undefined ? [] : [`  ${ruleId(error.rule, error.level)}: ${rule.sentence}`]),
    "  ",
    ...dumpBytes(error.bytes),
  ];
}

/** In HAProxy's words. */
function describeFault({ faultOffset }: CapturedError): string {
  return faultOffset < 0 ? "" : `, error at position ${faultOffset}`;
}

function nameBackend(supervisor: Supervisor, pool: number): string {
  const { pools, settings } = supervisor.roster;
  const number = backendIid(supervisor, pools.indexOf(pool));
  return `backend ${nameAndNumber(settings.pools[pool]?.name, number)}`;
}

function nameFrontend({ roster }: Supervisor, { listener }: CapturedError): string {
  const number = frontendIid(roster.listeners.indexOf(listener));
  return `frontend ${nameAndNumber(roster.settings.listeners[listener]?.name, number)}`;
}

function nameAndNumber(name: string | undefined, number = -1): string {
  return name === undefined ? "<NONE> (#-1)" : `${name} (#${number})`;
}

/** HAProxy's letters for these; the others that cannot be printed are `\x0F`. */
const LETTERS: Readonly<Record<number, string>> = {
  9: "\\t",
  10: "\\n",
  13: "\\r",
  27: "\\e",
  92: "\\\\",
};

/**
 * As HAProxy's dump_text_line: a line ends behind a newline, or where it is full; one that goes on
 * has a `+` behind its position.
 */
export function dumpBytes(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  let lineStart = 0;
  for (let at = 0; at < bytes.length; ) {
    let line = `  ${String(at).padStart(5, "0")}${at === lineStart ? " " : "+"} `;
    while (at < bytes.length) {
      const text = escapeByte(bytes[at]!);
      if (line.length + text.length > LINE_WIDTH - 1) break;
      line += text;
      if (bytes[at++] !== 10) continue;
      lineStart = at;
      break;
    }
    lines.push(line);
  }
  return lines;
}

function escapeByte(byte: number): string {
  const letter = LETTERS[byte];
  if (letter !== undefined) return letter;
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  return `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
