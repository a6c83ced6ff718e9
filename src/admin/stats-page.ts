// The statistics page: what runs, what is up, what is down and why, in one page without scripts.
//
// The browser asks again every REFRESH_SECONDS. Pure: everything shown is handed in, and html.ts
// escapes every value.

import { createHash } from "node:crypto";
import { Html, html } from "./html.ts";
import type {
  describeChanges,
  describeEnds,
  PoolOverview,
  ServerOverview,
  StatusOverview,
} from "./overview.ts";

const REFRESH_SECONDS = 2;

export interface StatsPage {
  readonly status: StatusOverview;
  readonly pools: readonly PoolOverview[];
  readonly ends: ReturnType<typeof describeEnds>;
  readonly changes: ReturnType<typeof describeChanges>;
  readonly hasCluster: boolean;
}

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --up: #188038; --down: #c5221f;
  --changing: #b06000; }
@media (prefers-color-scheme: dark) {
  :root { --up: #81c995; --down: #f28b82; --changing: #fdd663; } }
body { font: 14px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 84rem;
  padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .2rem; } h2 { font-size: 1.05rem; margin: 1.8rem 0 .5rem; }
p { margin: .2rem 0; } .quiet { opacity: .7; }
dl { display: flex; flex-wrap: wrap; gap: .8rem 2.4rem; margin: 1rem 0; }
dt { opacity: .7; font-size: .85rem; } dd { margin: 0; font-size: 1.25rem;
  font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .7rem; border-bottom: 1px solid var(--line);
  vertical-align: top; white-space: nowrap; }
th { font-weight: 600; background: var(--soft); }
td.reason { white-space: normal; min-width: 14rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.UP { color: var(--up); } .DOWN { color: var(--down); } .changing { color: var(--changing); }
.UP, .DOWN, .changing { font-weight: 600; }
`;

/** What the page may load: its own style and nothing else. */
export const STATS_PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** @returns the whole page */
export function renderStatsPage(page: StatsPage): string {
  const { status, pools, ends, changes } = page;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${REFRESH_SECONDS}">
<title>Fairlead</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<h1>Fairlead</h1>
<p class="quiet">version ${status.version}, process ${status.pid}, ${status.file},
up ${formatSeconds(status.uptimeSeconds)}</p>
${renderTotals(status, pools)}
${renderListeners(status)}
${pools.map(renderPool)}
${renderChanges(changes)}
${renderEnds(ends)}
${renderWorkers(status)}
<p class="quiet"><a href="/metrics">metrics</a> · <a href="/api/v1/servers">servers</a> ·
<a href="/api/v1/status">status</a>${
    page.hasCluster ? html` · <a href="/api/v1/cluster/stats">embedded cluster</a>` : null
  }</p>
</body>
</html>
`.text;
}

function renderTotals({ connections, listeners }: StatusOverview, pools: readonly PoolOverview[]) {
  const servers = pools.flatMap((pool) => pool.servers);
  const upCount = servers.filter(({ state }) => state === "UP").length;
  const sum = (read: (of: StatusOverview["listeners"][number]) => number) =>
    listeners.reduce((total, listener) => total + read(listener), 0);
  const total = (name: string, value: string) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<dl>
${total("connections", `${formatCount(connections.active)} of ${formatCount(connections.limit)}`)}
${total("most at once", formatCount(connections.max))}
${total("accepted", formatCount(connections.total))}
${total("servers up", `${upCount} of ${servers.length}`)}
${total("from clients", formatBytes(sum((of) => of.bytesIn)))}
${total("to clients", formatBytes(sum((of) => of.bytesOut)))}
</dl>`;
}

function renderListeners({ listeners }: StatusOverview): Html {
  return html`<h2>Listeners</h2>
${renderTable(
  ["listener", "address", "protocol", "pool", "#now", "#max", "#total", "#refused", "#in", "#out"],
  listeners.map(
    (of) => html`<tr><td>${of.name}</td><td>${of.address}</td><td>${of.protocol}</td>
<td>${of.pool}</td>${renderConnections(of.connections)}
${renderNumbers([
  formatCount(of.refused),
  formatBytes(of.bytesIn),
  formatBytes(of.bytesOut),
])}</tr>`,
  ),
)}`;
}

function renderPool(pool: PoolOverview): Html {
  const check = pool.check === null ? "not checked" : `${pool.check} checks`;
  const stick = pool.stick === null ? "" : `, sticky by ${pool.stick}`;
  return html`<h2>Pool ${pool.name}</h2>
<p class="quiet">${pool.balance}${stick}, ${check}</p>
${renderTable(
  [
    ...["server", "address", "state", "since", "reason", "last check", "#weight"],
    ...["#now", "#max", "#total", "#in", "#out", "#failed dials"],
  ],
  pool.servers.map(renderServer),
)}`;
}

function renderServer(server: ServerOverview): Html {
  const { lastCheck } = server;
  const checked =
    lastCheck === null
      ? "none yet"
      : `${lastCheck.code} in ${Math.round(lastCheck.durationMs)} ms: ${lastCheck.sentence}`;
  const isChanging = server.status !== server.state && server.status.includes("/");
  return html`<tr><td>${server.name}${server.backup ? " (backup)" : ""}</td>
<td>${server.address}</td>
<td><span class="${isChanging ? "changing" : server.state}">${shownState(server)}</span></td>
<td>${formatTime(server.since)}</td>
<td class="reason">${server.reason ?? ""}</td>
<td class="reason">${checked}</td>
<td class="number">${server.weight}</td>${renderConnections(server.connections)}
${renderNumbers([
  formatBytes(server.bytesIn),
  formatBytes(server.bytesOut),
  formatCount(server.failedDialCount),
])}</tr>`;
}

function shownState({ state, status, admin }: ServerOverview): string {
  const shown = status.includes("/") ? status : state;
  return admin === "ready" ? shown : `${shown}, ${admin}`;
}

function renderChanges(changes: StatsPage["changes"]): Html | null {
  if (changes.length === 0) return null;
  return html`<h2>Latest changes</h2>
${renderTable(
  ["time", "pool", "server", "state", "reason"],
  changes.map(
    (of) => html`<tr><td>${formatTime(of.at)}</td><td>${of.pool}</td><td>${of.server}</td>
<td><span class="${of.state}">${of.state}</span></td><td class="reason">${of.reason}</td></tr>`,
  ),
)}`;
}

function renderEnds(ends: StatsPage["ends"]): Html | null {
  if (ends.length === 0) return null;
  return html`<h2>Why connections ended</h2>
${renderTable(
  ["reason", "#connections", "meaning"],
  ends.map(
    (of) => html`<tr><td>${of.name}</td><td class="number">${formatCount(of.count)}</td>
<td class="reason">${of.sentence}</td></tr>`,
  ),
)}`;
}

function renderWorkers({ workers }: StatusOverview): Html {
  return html`<h2>Workers</h2>
${renderTable(
  ["worker", "state", "reactor", "#connections", "#replacements"],
  workers.map(
    (of) => html`<tr><td>${of.worker}</td><td>${of.state}</td>
<td>${of.reactor ?? ""}${of.note === null ? "" : ` (${of.note})`}</td>
${renderNumbers([formatCount(of.connections), formatCount(of.replacements)])}</tr>`,
  ),
)}`;
}

/** A heading that starts with `#` stands over numbers. */
function renderTable(headings: readonly string[], rows: readonly Html[]): Html {
  const cells = headings.map((heading) =>
    heading.startsWith("#")
      ? html`<th class="number">${heading.slice(1)}</th>`
      : html`<th>${heading}</th>`,
  );
  return html`<div class="wide"><table><thead><tr>${cells}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function renderConnections({ active, max, limit, total }: ServerOverview["connections"]): Html {
  const now = limit === 0 ? formatCount(active) : `${formatCount(active)} of ${formatCount(limit)}`;
  return renderNumbers([now, formatCount(max), formatCount(total)]);
}

function renderNumbers(numbers: readonly string[]): Html {
  return html`${numbers.map((number) => html`<td class="number">${number}</td>`)}`;
}

function formatCount(count: number): string {
  return count.toLocaleString("en-GB");
}

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

function formatSeconds(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const clock = new Date((seconds % 86_400) * 1000).toISOString().slice(11, 19);
  return days === 0 ? clock : `${days} d ${clock}`;
}

/** `2026-11-21 12:00:05 UTC` */
function formatTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}
