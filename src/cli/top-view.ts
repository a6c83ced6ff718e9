// The screen of `fairlead ctl top`, as lines of text for a size of terminal: totals, servers, the
// busiest clients, and which keys there are. Pure.
//
// Bounded by the terminal: what has no room is counted. Colours are left to whoever draws: a line
// says what it is.

import { formatBytes, formatRate } from "../admin/page/format.ts";
import { printable } from "./ctl-target.ts";
import { formatAge } from "./moments.ts";
import type { TopClient, TopReading, TopServer } from "./top-readings.ts";

export type ClientOrder = "packets" | "bytes" | "age";
export type ServerOrder = "file" | "connections" | "bytes";

export interface TopScreen {
  readonly columns: number;
  readonly rows: number;
}

export interface TopState {
  readonly reading: TopReading;
  readonly clientOrder: ClientOrder;
  /** Whether clients are ranked by all that they have moved, not by what they move now. */
  readonly isTotal: boolean;
  readonly serverOrder: ServerOrder;
  /** Where it was asked. */
  readonly url: string;
  /** Why the last look failed; null: it did not. */
  readonly problem: string | null;
}

export interface TopLine {
  readonly text: string;
  readonly kind: "plain" | "heading" | "bad" | "keys";
}

/** The next order when its key is pressed again. */
export const SERVER_ORDERS: readonly ServerOrder[] = ["file", "connections", "bytes"];
export const CLIENT_KEYS: Readonly<Record<string, ClientOrder>> = {
  p: "packets",
  b: "bytes",
  a: "age",
};

// Totals, two headings, two empty lines and the line of keys.
const FIXED_ROWS = 8;
const SERVERS_SHOWN_MIN = 3;
const BAR_WIDTH = 10;
const NAME_WIDTH_MIN = 12;

/** @returns at most `rows` lines of at most `columns` characters */
export function drawTop(state: TopState, { columns, rows }: TopScreen): TopLine[] {
  const { reading } = state;
  const room = Math.max(0, rows - FIXED_ROWS);
  const half = Math.max(SERVERS_SHOWN_MIN, Math.floor(room / 2));
  const serverRows = Math.min(reading.servers.length, half, room);
  const clientRows = room - serverRows;
  const lines = [
    ...drawTotals(state),
    plain(""),
    ...drawServers(state, columns, serverRows),
    plain(""),
    ...drawClients(state, columns, clientRows),
  ];
  const shown = lines.slice(0, Math.max(0, rows - 1));
  while (shown.length < rows - 1) shown.push(plain(""));
  return [...shown, drawKeys(state)].slice(0, rows).map((line) => cut(line, columns));
}

function drawTotals({ reading, url }: TopState): TopLine[] {
  const { active, limit, waiting, connectsPerSecond, handshakesPerSecond, traffic } = reading;
  const { packetsIn, packetsOut, bytesIn, bytesOut } = traffic;
  const up = formatAge(reading.uptimeSeconds * 1_000);
  return [
    { kind: "heading", text: `Fairlead at ${url}, up ${up}` },
    plain(
      `connections ${active} of ${limit}   new ${formatRate(connectsPerSecond)}/s   ` +
        `TLS handshakes ${formatRate(handshakesPerSecond)}/s   waiting ${waiting}`,
    ),
    plain(
      `from clients ${formatRate(packetsIn)} packets/s ${formatBytes(bytesIn)}/s   ` +
        `to clients ${formatRate(packetsOut)} packets/s ${formatBytes(bytesOut)}/s`,
    ),
  ];
}

function drawServers(
  { reading, serverOrder }: TopState,
  columns: number,
  count: number,
): TopLine[] {
  const servers = orderServers(reading.servers, serverOrder);
  const row = makeRow(columns, [12, 7, 7, 9, 9, 6, BAR_WIDTH]);
  const hidden = servers.length - count;
  const title = hidden > 0 ? `server (${hidden} more)` : "server";
  const headings = ["state", "conns", "new/s", "in/s", "out/s", "fails", "share"];
  return [
    { kind: "heading", text: row(title, headings) },
    ...servers.slice(0, count).map((of): TopLine => {
      const cells = [
        of.status,
        String(of.active),
        formatRate(of.connectsPerSecond),
        formatBytes(of.bytesInPerSecond),
        formatBytes(of.bytesOutPerSecond),
        String(of.failures),
        bar(of.share),
      ];
      return { kind: of.isDown ? "bad" : "plain", text: row(of.name, cells) };
    }),
  ];
}

function drawClients(
  { reading, clientOrder, isTotal }: TopState,
  columns: number,
  count: number,
): TopLine[] {
  const clients = orderClients(reading.clients, clientOrder, isTotal);
  const row = makeRow(columns, [12, 7, 8, 9, 9, 9]);
  const rates = ["pkt/s in", "pkt/s out", "in/s", "out/s"];
  const moved = isTotal ? ["pkts in", "pkts out", "in", "out"] : rates;
  const by = clientOrder === "age" || isTotal ? clientOrder : `${clientOrder}/s`;
  return [
    { kind: "heading", text: row(`clients by ${by}`, ["server", "age", ...moved]) },
    ...clients.slice(0, count).map((of) => {
      const { packetsIn, packetsOut, bytesIn, bytesOut } = isTotal ? of.total : of.rate;
      const packets = [formatRate(packetsIn), formatRate(packetsOut)];
      const bytes = [formatBytes(bytesIn), formatBytes(bytesOut)];
      return plain(row(of.name, [of.server, formatAge(of.ageMs), ...packets, ...bytes]));
    }),
  ];
}

function drawKeys({ isTotal, serverOrder, problem }: TopState): TopLine {
  if (problem !== null) return { kind: "bad", text: problem };
  const servers = serverOrder === "file" ? "as configured" : `by ${serverOrder}`;
  const clients = `clients: p packets, b bytes, a age, t ${isTotal ? "rates" : "totals"}`;
  return { kind: "keys", text: `q quit   ${clients}   s servers ${servers}` };
}

function orderServers(servers: readonly TopServer[], order: ServerOrder): readonly TopServer[] {
  if (order === "file") return servers;
  const rank = (of: TopServer) =>
    order === "connections" ? of.active : of.bytesInPerSecond + of.bytesOutPerSecond;
  return [...servers].sort((a, b) => rank(b) - rank(a));
}

function orderClients(
  clients: readonly TopClient[],
  order: ClientOrder,
  isTotal: boolean,
): readonly TopClient[] {
  const rank = ({ ageMs, total, rate }: TopClient) => {
    if (order === "age") return ageMs;
    const { packetsIn, packetsOut, bytesIn, bytesOut } = isTotal ? total : rate;
    return order === "packets" ? packetsIn + packetsOut : bytesIn + bytesOut;
  };
  return [...clients].sort((a, b) => rank(b) - rank(a) || a.id.localeCompare(b.id));
}

// The name takes what the other columns leave, each with a blank before it; the first of them is
// text, the others are numbers.
function makeRow(columns: number, widths: readonly number[]) {
  const others = widths.reduce((sum, width) => sum + width + 1, 0);
  const nameWidth = Math.max(NAME_WIDTH_MIN, columns - others);
  return (name: string, [text = "", ...numbers]: readonly string[]): string => {
    const right = numbers.map((cell, i) => cell.padStart(widths[i + 1]!));
    return [sized(name, nameWidth), sized(text, widths[0]!), ...right].join(" ");
  };
}

function plain(text: string): TopLine {
  return { kind: "plain", text };
}

/** As wide as that, cut with an ellipsis where it has to be. */
function sized(text: string, width: number): string {
  const shown = [...printable(text)];
  if (shown.length <= width) return shown.join("").padEnd(width);
  return `${shown.slice(0, width - 1).join("")}…`;
}

function cut({ kind, text }: TopLine, columns: number): TopLine {
  const characters = [...text];
  return { kind, text: characters.slice(0, columns).join("") };
}

function bar(share: number): string {
  const full = Math.round(share * BAR_WIDTH);
  return "#".repeat(full).padEnd(BAR_WIDTH, "·");
}
