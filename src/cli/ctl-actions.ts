// `fairlead ctl` on servers, connections, tables, certificates and events: asks the API, and prints
// tables for people or JSON for programs.

import { setTimeout as sleep } from "node:timers/promises";
import type { FeedEvent } from "../admin/event-feed.ts";
import { formatBytes, formatCount, formatRate } from "../admin/page/format.ts";
import { AdminError, askAdmin, tellAdmin } from "./admin-client.ts";
import { show } from "./ctl.ts";
import { type Ctl, printable, say, serverPath } from "./ctl-target.ts";
import { followEvents } from "./event-blocks.ts";
import { EXIT_OK, EXIT_PROBLEM, type ExitCode } from "./exit-code.ts";
import { formatAge, formatMoment } from "./moments.ts";
import { alignColumns, atRight, type Cell } from "./text-table.ts";
import type { Traffic } from "./top-readings.ts";

/** Worker, row and use of the row. */
const CONNECTION_ID = /^\d+-\d+-\d+$/;
/** What there was is sent at once; so long is waited for it. */
const KEPT_EVENTS_PATIENCE_MS = 500;
/** What `ctl server weight` calls a weight that is the file's again. */
const AS_IN_FILE = "file";
/** Rates are those over this time. */
const RATE_OVER_MS = 1_000;

export interface ServerChange {
  readonly state?: "ready" | "drain" | "maintenance";
  /** Null: as the file has it. */
  readonly weight?: number | null;
}

/** @param name `pool/server` */
export async function ctlServerChange(
  ctl: Ctl,
  name: string,
  change: ServerChange,
): Promise<ExitCode> {
  const path = serverPath(name);
  const server = await tellAdmin<{ admin: string; weight: number; status: string }>(ctl.target, {
    method: "PATCH",
    path,
    body: change,
  });
  const { admin, weight, status } = server;
  say(ctl, server, `${name}: ${admin}, weight ${weight}, ${status}`);
  return EXIT_OK;
}

/** Ends every connection to a server. */
export async function ctlServerClose(ctl: Ctl, name: string): Promise<ExitCode> {
  const path = `${serverPath(name)}/connections`;
  return tellEnd(ctl, path);
}

/** Ends one connection. @param name its id, or the client id of whoever has it */
export async function ctlConnectionClose(ctl: Ctl, name: string): Promise<ExitCode> {
  const id = CONNECTION_ID.test(name) ? name : await findByClientId(ctl, name);
  return tellEnd(ctl, `/api/v1/connections/${encodeURIComponent(id)}`);
}

/** @throws AdminError 404, or Error when there are several */
async function findByClientId({ target }: Ctl, clientId: string): Promise<string> {
  const query = new URLSearchParams({ clientId, limit: "10" });
  const path = `/api/v1/connections?${query}`;
  const { total, connections } = await askAdmin<ShownConnections>(target, path);
  const [first] = connections;
  if (first === undefined) {
    const hint = "fairlead ctl conns --client PREFIX lists them";
    const what = "the id of one, such as 0-12-7, nor the client id of one";
    throw new AdminError(
      `There is no connection "${clientId}": it is neither ${what}; ${hint}`,
      404,
    );
  }
  if (total === 1) return first.id;
  const ids = connections.map(({ id }) => id).join(", ");
  throw new Error(
    `Cannot tell whom "${clientId}" means: say the id of the connection, one of ${ids}`,
  );
}

async function tellEnd(ctl: Ctl, path: string): Promise<ExitCode> {
  const answer = await tellAdmin<{ ended: number }>(ctl.target, { method: "DELETE", path });
  const what = answer.ended === 1 ? "connection" : "connections";
  say(ctl, answer, `${answer.ended} ${what} ended`);
  return EXIT_OK;
}

export interface ConnectionOptions {
  readonly client?: string;
  readonly address?: string;
  readonly server?: string;
  readonly listener?: string;
  readonly top: "age" | "bytes" | "messages" | "byte-rate" | "message-rate" | "slowest";
  readonly limit: number;
}

interface ShownConnection {
  readonly id: string;
  readonly clientId: string | null;
  readonly isClientIdCut: boolean;
  readonly client: string;
  readonly listener: string | null;
  readonly server: string | null;
  readonly state: string;
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly ageMs: number;
  readonly rates: Traffic | null;
}

interface ShownConnections {
  readonly total: number;
  readonly connections: readonly ShownConnection[];
}

export async function ctlConnections(ctl: Ctl, options: ConnectionOptions): Promise<ExitCode> {
  const { top, limit, ...filter } = options;
  const query = new URLSearchParams({ ...filter, sort: top, limit: String(limit) });
  const path = `/api/v1/connections?${query}`;
  if (top.endsWith("-rate")) {
    // What the second look is measured against.
    await askAdmin(ctl.target, path);
    await sleep(RATE_OVER_MS);
  }
  const nobody =
    Object.keys(filter).length > 0 ? "No such connection is open." : "No connection is open.";
  return show<ShownConnections>(ctl, path, (shown) =>
    shown.total === 0 ? [nobody] : formatConnections(shown),
  );
}

function formatConnections({ total, connections }: ShownConnections): string[] {
  const headings = ["id", "client id", "from", "listener", "server", "state", "age"];
  const isRate = connections.some(({ rates }) => rates !== null);
  const moved = isRate
    ? ["packets/s in", "out", "bytes/s in", "out"]
    : ["packets in", "out", "bytes in", "out"];
  const rows = connections.map((of) => [
    of.id,
    printable(`${of.clientId ?? "-"}${of.isClientIdCut ? "…" : ""}`),
    of.client,
    of.listener ?? "-",
    of.server ?? "-",
    of.state,
    atRight(formatAge(of.ageMs)),
    ...movedCells(of),
  ]);
  const table = alignColumns([[...headings, ...moved], ...rows]);
  return [...table, `${connections.length} of ${total}`];
}

function movedCells({ rates, ...totals }: ShownConnection): Cell[] {
  const { packetsIn, packetsOut, bytesIn, bytesOut } = rates ?? totals;
  const formatPackets = rates === null ? formatCount : formatRate;
  const packets = [packetsIn, packetsOut].map((count) => atRight(formatPackets(count)));
  return [...packets, ...[bytesIn, bytesOut].map((count) => atRight(formatBytes(count)))];
}

interface ShownTable {
  readonly name: string;
  readonly kind: string;
  readonly key: string;
  readonly entries: number;
  readonly size: number;
}

export interface ShownEntry {
  readonly key: string;
  readonly server?: string | null;
  readonly held?: number;
  readonly counts?: Readonly<Record<string, number>>;
  readonly expiresInSeconds: number;
}

/** Without a name: all tables; with one: its first entries. */
export function ctlTable(ctl: Ctl, name: string | undefined, limit: number): Promise<ExitCode> {
  if (name === undefined) {
    return show<{ tables: readonly ShownTable[] }>(ctl, "/api/v1/tables", ({ tables }) => {
      if (tables.length === 0) return ["There are no tables."];
      return alignColumns([
        ["table", "kind", "key", "entries", "size"],
        ...tables.map((of) => [of.name, of.kind, of.key, of.entries, of.size]),
      ]);
    });
  }
  const path = `/api/v1/tables/${encodeURIComponent(name)}/entries?limit=${limit}`;
  return show<{ entries: readonly ShownEntry[]; next: string | null }>(ctl, path, (page) => [
    ...formatEntries(page.entries),
    ...(page.next === null ? [] : ["there are more"]),
  ]);
}

function formatEntries(entries: readonly ShownEntry[]): string[] {
  if (entries.length === 0) return ["The table is empty."];
  const rows = entries.map(({ key, server, held, counts = {}, expiresInSeconds }) => {
    const counted = Object.entries(counts).map(([field, count]) => `${field}=${count}`);
    const of = server ?? (held === undefined ? "-" : `held ${held}`);
    return [printable(key), of, counted.join(" "), atRight(formatAge(1_000 * expiresInSeconds))];
  });
  return alignColumns([["key", "server", "counts", "expires in"], ...rows]);
}

/** Forgets one entry. */
export async function ctlTableRemove(ctl: Ctl, name: string, key: string): Promise<ExitCode> {
  const [table, entry] = [name, key].map(encodeURIComponent);
  const path = `/api/v1/tables/${table}/entries/${entry}`;
  const answer = await tellAdmin<{ removed: boolean }>(ctl.target, { method: "DELETE", path });
  say(ctl, answer, answer.removed ? "removed" : "there was no such entry");
  return EXIT_OK;
}

interface ShownCertificate {
  readonly owner: string;
  readonly file: string;
  readonly names: readonly string[];
  readonly notAfter: string;
  readonly daysLeft: number;
}

export function ctlCertificates(ctl: Ctl): Promise<ExitCode> {
  const path = "/api/v1/certificates";
  return show<{ certificates: readonly ShownCertificate[] }>(ctl, path, ({ certificates }) => {
    if (certificates.length === 0) return ["No certificate is in use."];
    return alignColumns([
      ["owner", "names", "days left", "until", "file"],
      ...certificates.map((of) => {
        return [of.owner, of.names.join(" "), of.daysLeft, of.notAfter.slice(0, 10), of.file];
      }),
    ]);
  });
}

/** Prints events as they come, one a line, until the balancer ends the stream. */
export async function ctlEvents(ctl: Ctl, follow: boolean): Promise<ExitCode> {
  const { target, printer, isJson } = ctl;
  const signal = follow
    ? new AbortController().signal
    : AbortSignal.timeout(KEPT_EVENTS_PATIENCE_MS);
  const headers = follow ? {} : { "last-event-id": "0" };
  const request = { path: "/api/v1/events", headers, signal };
  let count = 0;
  for await (const event of followEvents<FeedEvent>(target, request)) {
    count++;
    printer.print(isJson ? JSON.stringify(event) : formatEvent(event));
  }
  if (signal.aborted && count === 0 && !isJson) printer.print("Nothing has happened so far.");
  if (signal.aborted) return EXIT_OK;
  printer.complain("Fairlead has ended the stream of events");
  return EXIT_PROBLEM;
}

export function formatEvent({ at, type, ...of }: FeedEvent): string {
  const time = formatMoment(at);
  if (type === "server") {
    return `${time} ${of["pool"]}/${of["server"]} is ${of["state"]}: ${of["reason"]}`;
  }
  if (type === "plan") return `${time} plan ${of["generation"]} runs`;
  if (type === "ban") {
    const who = printable(`${of["by"]} ${of["key"]}`);
    return `${time} ${who} at ${of["listener"]}: ${of["state"]}, ${of["cause"]}`;
  }
  const detail = Object.entries(of["detail"] ?? {}).map(([name, value]) => {
    return `${name}=${value ?? AS_IN_FILE}`;
  });
  const what = [of["action"], of["target"], ...detail].filter((word) => word !== "").join(" ");
  return printable(`${time} "${of["by"]}" from ${of["from"]}: ${what}`);
}
