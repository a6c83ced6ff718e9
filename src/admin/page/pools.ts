// Listeners, and pools with their servers: state, checks, connections, rates, charts, and the
// button that changes one. Pure.

import type { PageListener, PagePool, PageServer } from "../page-state.ts";
import { drawChart, drawShares } from "./chart.ts";
import {
  formatByteRate,
  formatBytes,
  formatCount,
  formatMs,
  formatPercent,
  formatPerSecond,
  formatShort,
  formatSpan,
} from "./format.ts";
import { isMoving, type Model, type Moves, mayAct, samplesOf, standingOf } from "./model.ts";
import { atMost } from "./spread.ts";
import { type Column, drawTable } from "./table.ts";
import { type Content, h, small, type VNode } from "./vnode.ts";

export function drawListeners(model: Model): VNode {
  const columns: Column<PageListener>[] = [
    { heading: "Listener", cell: ({ name }) => name },
    {
      heading: "Address",
      kind: "address",
      cell: ({ address, protocol }) => [address, small(protocol)],
    },
    { heading: "Pool", cell: ({ pool }) => pool },
    { heading: "Connections", kind: "number", cell: ({ connections: of }) => ofLimit(of) },
    {
      heading: "Connects",
      kind: "number",
      cell: drawAccepts,
    },
    { heading: "Refused", kind: "number", cell: ({ refused }) => formatCount(refused) },
    { heading: "Packets", kind: "number", cell: drawPackets },
    { heading: "Bytes", kind: "number", cell: drawListenerBytes },
    { heading: "Trend", cell: ({ name }) => chartOf(model, `listener ${name}`) },
  ];
  return h(
    "section",
    { "aria-labelledby": "listeners", class: "panel" },
    h("h2", { id: "listeners" }, "Listeners"),
    drawTable({
      caption: "Listeners",
      columns,
      rows: model.state.listeners,
      keyOf: ({ name, address }) => `${name} ${address}`,
      empty: "There are no listeners.",
    }),
  );
}

function drawAccepts({ connections: of, accepts, rates }: PageListener): Content {
  const limit = accepts.perSecond === null ? "" : ` of ${formatPerSecond(accepts.perSecond)}`;
  const waits = accepts.waits === 0 ? "" : `, ${formatCount(accepts.waits)} waits`;
  return [
    `${formatPerSecond(rates["connects"])}${limit}`,
    small(`${formatCount(of.total)} ever${waits}`),
  ];
}

export function drawPools(model: Model, moves: Moves): VNode[] {
  return model.state.pools.map((pool) => drawPool(model, moves, pool));
}

function drawPool(model: Model, moves: Moves, pool: PagePool): VNode {
  const id = `pool-${pool.name}`;
  const up = pool.servers.filter(({ state }) => state === "UP").length;
  const stick = pool.stick === null ? "not sticky" : `sticky by ${pool.stick}`;
  const check = pool.check === null ? "not checked" : `${pool.check} checks`;
  const facts = `${pool.balance}, ${stick}, ${check}`;
  return h(
    "section",
    { "aria-labelledby": id, class: "panel", key: id },
    h(
      "div",
      { class: "pool-head" },
      h(
        "div",
        {},
        h("h2", { id }, `Pool ${pool.name}`),
        h("p", { class: "quiet" }, `${up} of ${pool.servers.length} servers up; ${facts}`),
        drawQueue(pool),
        mayAct(model) && pool.rebalance !== "off" && drawPoolButton(moves, pool),
      ),
      h("div", { class: "pool-chart" }, chartOf(model, `pool ${pool.name}`)),
    ),
    drawSpread(pool),
    drawTable({
      caption: `Servers of pool ${pool.name}`,
      columns: serverColumns(model, moves, pool),
      rows: pool.servers,
      keyOf: ({ name }) => name,
      empty: "This pool has no servers now.",
    }),
  );
}

function drawQueue({ queue: { waiting, max }, servers }: PagePool): Content {
  const all = servers.reduce((sum, { queue }) => sum + queue.waiting, waiting);
  if (all === 0 && max === 0) return null;
  const words = `${formatCount(all)} ${all === 1 ? "client waits" : "clients wait"} for a place`;
  return h("p", { class: "quiet" }, `${words}, ${formatCount(waiting)} of them for any server`);
}

function drawPoolButton(moves: Moves, { name, servers }: PagePool): VNode {
  const isShed = servers.some((of) => isMoving(of) && of.moving?.kind === "rebalance");
  const act = isShed ? "stop" : "rebalance";
  return h(
    "button",
    {
      type: "button",
      "aria-haspopup": "dialog",
      "aria-label": isShed ? `Stop rebalancing ${name}` : `Rebalance ${name}`,
      onclick: () => moves.ask({ kind: "pool", pool: name, act }),
    },
    isShed ? "Stop rebalancing…" : "Rebalance…",
  );
}

function drawSpread({ name, servers }: PagePool): Content {
  const total = sumOf(servers);
  if (total === 0) return h("p", { class: "quiet spread" }, "No clients are connected.");
  const words = servers.map((of) => `${of.name} ${formatCount(of.connections.active)}`);
  const shares = servers.map(({ connections }) => connections.active / total);
  return h(
    "div",
    { class: "spread" },
    drawShares(`Clients of pool ${name} by server: ${words.join(", ")}`, shares),
  );
}

function serverColumns(model: Model, moves: Moves, pool: PagePool): Column<PageServer>[] {
  const total = sumOf(pool.servers);
  const indexes = new Map(pool.servers.map(({ name }, i) => [name, i]));
  const columns: Column<PageServer>[] = [
    { heading: "Server", cell: (of) => drawName(of, indexes.get(of.name) ?? 0) },
    { heading: "State", kind: "wide", cell: (of) => drawState(model, of) },
    { heading: "Last check", kind: "wide", cell: drawCheck },
    { heading: "Weight", kind: "number", cell: drawWeight },
    {
      heading: "Connections",
      kind: "number",
      cell: ({ connections, queue }) => [ofLimit(connections), drawWaiting(queue)],
    },
    { heading: "Share", cell: (of) => drawShare(of, total) },
    { heading: "Connects", kind: "number", cell: (of) => drawConnects(pool, of) },
    { heading: "CONNACK after", kind: "number", cell: drawConnackTimes },
    { heading: "Bytes", kind: "number", cell: drawBytes },
    { heading: "Errors", kind: "number", cell: drawErrors },
    { heading: "Trend", cell: (of) => chartOf(model, `server ${pool.name}/${of.name}`) },
  ];
  if (!mayAct(model)) return columns;
  return [...columns, { heading: "Change", cell: (of) => drawButton(moves, pool, of) }];
}

function drawName({ name, address, backup }: PageServer, index: number): Content {
  return [
    h("span", { class: `swatch part-${index % 6}`, "aria-hidden": "true" }),
    name,
    small(backup ? `${address}, backup` : address),
  ];
}

function drawState({ state: { at } }: Model, server: PageServer): Content {
  const { word, tone } = standingOf(server);
  const span = formatSpan(Date.parse(at) - Date.parse(server.since));
  const isPlain = server.admin === "ready";
  const adminSpan = formatSpan(Date.parse(at) - Date.parse(server.adminSince));
  return [
    h(
      "span",
      { class: "whole" },
      h("span", { class: `badge ${tone}` }, word),
      ` for ${isPlain ? span : adminSpan}`,
    ),
    !isPlain && small(`${server.state === "UP" ? "up" : "down"} for ${span}`),
    isMoving(server) && drawMoving(at, server),
    server.reason !== null && small(server.reason),
    server.downCount > 0 && small(`down ${timesOf(server.downCount)} so far`),
  ];
}

function drawMoving(at: string, { name, connections, moving }: PageServer): Content {
  const { firstCount, target, deadlineAt, state } = moving!;
  const wanted = Math.max(1, firstCount - target);
  const gone = Math.min(1, Math.max(0, (firstCount - connections.active) / wanted));
  const words = formatPercent(gone);
  const leftMs = Date.parse(deadlineAt) - Date.parse(at);
  const end = state === "late" ? "past its deadline" : `${formatSpan(leftMs)} left`;
  return [
    drawShares(`Moved away from ${name}: ${words}`, [gone]),
    small(`${words} of ${formatCount(wanted)} have gone, ${end}`),
  ];
}

function drawWaiting({ waiting, max }: PageServer["queue"]): Content {
  return max > 0 && small(`${formatCount(waiting)} wait, ${formatCount(max)} at most`);
}

function timesOf(count: number): string {
  return count === 1 ? "once" : `${formatCount(count)} times`;
}

function drawCheck({ lastCheck, agentCheck }: PageServer): Content {
  if (lastCheck === null) return small("none yet");
  return [
    h("span", { class: lastCheck.outcome === "failed" ? "bad-word" : "" }, lastCheck.outcome),
    ` in ${formatMs(lastCheck.durationMs)}`,
    small(lastCheck.sentence === "" ? lastCheck.code : `${lastCheck.code}: ${lastCheck.sentence}`),
    agentCheck !== null && small(`its program: ${agentCheck}`),
  ];
}

function drawWeight({ weight, throttlePercent }: PageServer): Content {
  return [formatShort(weight), throttlePercent < 100 && small(`${throttlePercent} % for now`)];
}

function drawShare({ name, connections }: PageServer, total: number): Content {
  const share = total === 0 ? 0 : connections.active / total;
  const words = formatPercent(share);
  return [drawShares(`Share of ${name}: ${words}`, [share]), h("span", { class: "beside" }, words)];
}

function drawConnects({ stick }: PagePool, { connections, rates, stickHits }: PageServer): Content {
  return [
    formatPerSecond(rates["connects"]),
    small(`${formatCount(connections.total)} ever`),
    stick !== null && small(`${formatCount(stickHits)} sticky`),
  ];
}

function drawConnackTimes({ connackTimes }: PageServer): Content {
  if (connackTimes.count === 0) return "none yet";
  return [
    atMost(connackTimes, 0.5, formatMs),
    small(`99 % ${atMost(connackTimes, 0.99, formatMs)}`),
  ];
}

function drawBytes({ rates, bytesIn, bytesOut }: PageServer): Content {
  return [
    // Of a server, out is what it is sent.
    ...eachWay(rates["bytesOut"], rates["bytesIn"], formatByteRate),
    small(`${formatBytes(bytesIn + bytesOut)} ever`),
  ];
}

function drawListenerBytes({ rates, bytesIn, bytesOut }: PageListener): Content {
  return [
    ...eachWay(rates["bytesIn"], rates["bytesOut"], formatByteRate),
    small(`${formatBytes(bytesIn + bytesOut)} ever`),
  ];
}

function drawPackets({ rates, packetsIn, packetsOut }: PageListener): Content {
  return [
    ...eachWay(rates["packetsIn"], rates["packetsOut"], formatPerSecond),
    small(`${formatCount(packetsIn + packetsOut)} ever`),
  ];
}

// Up is from clients to servers.
function eachWay(
  up: number | undefined,
  down: number | undefined,
  format: (rate: number) => string,
): readonly VNode[] {
  return [
    h(
      "span",
      { class: "row way line-0" },
      h("span", { class: "unseen" }, "to servers "),
      format(up ?? 0),
    ),
    h(
      "span",
      { class: "row way line-1" },
      h("span", { class: "unseen" }, "to clients "),
      format(down ?? 0),
    ),
  ];
}

function drawErrors({ dialFailures, retries, redispatches }: PageServer): Content {
  return [
    h("span", { class: dialFailures > 0 ? "bad-word" : "" }, formatCount(dialFailures)),
    small(`${formatCount(retries)} retries`),
    small(`${formatCount(redispatches)} sent on`),
  ];
}

function drawButton(moves: Moves, pool: PagePool, server: PageServer): VNode {
  const { name, admin, weight } = server;
  const usual = admin === "ready" ? "drain" : "ready";
  const act = isMoving(server) ? "stay" : usual;
  const question = { kind: "server", pool: pool.name, server: name, act } as const;
  return h(
    "button",
    {
      type: "button",
      "aria-haspopup": "dialog",
      "aria-label": `Change ${pool.name}/${name}`,
      onclick: () => moves.ask({ ...question, weight: String(weight) }),
    },
    "Change…",
  );
}

function chartOf(model: Model, subject: string): VNode {
  const values = samplesOf(model, subject, "connections");
  const { everyMs, samplesMax } = model.history;
  const lines = [{ name: "", values }];
  return drawChart({
    title: `Connections of ${subject}`,
    lines,
    samplesMax,
    everyMs,
    format: formatCount,
  });
}

interface Counts {
  readonly active: number;
  readonly max: number;
  /** 0: no limit. */
  readonly limit: number;
  /** Where it is not always the same. */
  readonly limitNow?: number;
}

function ofLimit({ active, max, limit, limitNow = limit }: Counts): Content {
  const rising = limitNow < limit ? `${formatCount(limitNow)} of ` : "";
  const allowed = limit > 0 ? `, ${rising}${formatCount(limit)} allowed` : "";
  return [formatCount(active), small(`${formatCount(max)} at most${allowed}`)];
}

function sumOf(servers: readonly PageServer[]): number {
  return servers.reduce((sum, { connections }) => sum + connections.active, 0);
}
