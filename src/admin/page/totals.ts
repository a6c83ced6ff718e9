// The head of the page: who this is, how news come, and the totals with their charts. Pure.

import { type ChartLine, drawChart } from "./chart.ts";
import {
  formatByteRate,
  formatBytes,
  formatCount,
  formatPerSecond,
  formatRate,
  formatShort,
  formatSpan,
} from "./format.ts";
import { type Link, type Model, samplesOf } from "./model.ts";
import { type Content, h, type VNode } from "./vnode.ts";

const LINK_WORDS: Readonly<Record<Link, string>> = {
  connecting: "Connecting",
  live: "Live",
  polling: "Live, by asking",
  away: "No answer; trying again",
};

/** What the tab says of it. */
export function titleOf({ state, link }: Model): string {
  if (link === "away") return "No answer – Fairlead";
  const servers = state.pools.flatMap((pool) => pool.servers);
  const down = servers.filter(({ state, admin }) => state === "DOWN" && admin !== "maintenance");
  return down.length === 0 ? "Fairlead" : `${down.length} down – Fairlead`;
}

export function drawHead({ state, link, user }: Model): VNode {
  const up = formatSpan(state.uptimeSeconds * 1000);
  const may = user.role === "operator" ? "may change things" : "may look";
  const facts = [
    `Version ${state.version}`,
    `process ${state.pid}`,
    `up ${up}`,
    `plan ${state.plan} of ${state.file}`,
    `${user.name} ${may}`,
  ];
  return h(
    "header",
    {},
    h(
      "div",
      { class: "brand" },
      h("h1", {}, "Fairlead"),
      h("p", { class: `link ${link}`, role: "status" }, LINK_WORDS[link]),
    ),
    h(
      "p",
      { class: "quiet" },
      facts.map((fact) => h("span", { class: "note" }, fact)),
      " ",
      user.name === "anonymous" &&
        user.role === "read-only" &&
        h("a", { href: new URL("../login", import.meta.url).href }, "Log in"),
    ),
  );
}

export function drawTotals(model: Model): VNode {
  return h(
    "section",
    { "aria-labelledby": "totals" },
    h("h2", { id: "totals", class: "unseen" }, "Totals"),
    h(
      "div",
      { class: "cards" },
      listCards(model).map((card) => drawCard(model, card)),
    ),
    drawFacts(listFacts(model)),
  );
}

function listCards({ state: { totals, connections, rates } }: Model): readonly Card[] {
  return [
    {
      title: "Connections",
      value: formatCount(connections.active),
      notes: [
        `of ${formatCount(connections.limit)} allowed`,
        `${formatCount(connections.max)} at most`,
        `${formatCount(connections.total)} ever`,
      ],
      lines: [["", "connections"]],
    },
    {
      title: "Connects a second",
      value: formatRate(rates["connects"] ?? 0),
      notes: [
        `${formatPerSecond(rates["handshakes"])} TLS handshakes`,
        `${formatCount(totals.tlsHandshakes)} ever`,
        `${formatCount(totals.tlsResumptions)} resumed`,
      ],
      lines: [["", "connects"]],
    },
    {
      title: "Messages a second",
      value: pair(rates["messagesIn"], rates["messagesOut"], formatRate),
      notes: [
        `${formatCount(totals.messagesIn)} from clients`,
        `${formatCount(totals.messagesOut)} to clients`,
      ],
      lines: [
        ["from clients", "messagesIn"],
        ["to clients", "messagesOut"],
      ],
    },
    {
      title: "Bytes a second",
      value: pair(rates["bytesIn"], rates["bytesOut"], formatBytes),
      notes: [
        `${formatBytes(totals.bytesIn)} from clients`,
        `${formatBytes(totals.bytesOut)} to clients`,
      ],
      lines: [
        ["from clients", "bytesIn"],
        ["to clients", "bytesOut"],
      ],
      format: formatByteRate,
    },
  ];
}

function listFacts({
  state: { totals, rates, refusals },
}: Model): readonly (readonly [string, string])[] {
  const refused = refusals.reduce((sum, { count }) => sum + count, totals.refusedAtAccept);
  return [
    ["Refused or failed", formatCount(refused)],
    ["Refused a second", formatRate(rates["refusals"] ?? 0)],
    ["Waiting for a place", formatCount(totals.waiting)],
    ["Retries", formatCount(totals.retries)],
    ["Redispatches", formatCount(totals.redispatches)],
    ["Sticky hits", formatCount(totals.stickHits)],
    ["Sticky misses", formatCount(totals.stickMisses)],
    ["TLS sessions", formatCount(totals.tlsSessions)],
  ];
}

interface Card {
  readonly title: string;
  readonly value: Content;
  readonly notes: readonly string[];
  /** Name of a line for people, and of its samples. */
  readonly lines: readonly (readonly [name: string, samples: string])[];
  readonly format?: (value: number) => string;
}

function drawCard(model: Model, { title, value, notes, lines, format = formatShort }: Card): VNode {
  const drawn: ChartLine[] = lines.map(([name, samples]) => {
    return { name, values: samplesOf(model, "process", samples) };
  });
  const { everyMs, samplesMax } = model.history;
  return h(
    "div",
    { class: "card", key: title },
    h("h3", {}, title),
    h("p", { class: "figure" }, value),
    drawChart({ title, lines: drawn, samplesMax, everyMs, format }),
    h(
      "p",
      { class: "quiet" },
      notes.map((note) => h("span", { class: "note" }, note)),
    ),
  );
}

function pair(
  into: number | undefined,
  out: number | undefined,
  format: (value: number) => string,
): Content {
  return [
    h(
      "span",
      { class: "way line-0" },
      h("span", { class: "unseen" }, "from clients"),
      format(into ?? 0),
    ),
    h(
      "span",
      { class: "way line-1" },
      h("span", { class: "unseen" }, "to clients"),
      format(out ?? 0),
    ),
  ];
}

function drawFacts(facts: readonly (readonly [name: string, value: string])[]): VNode {
  return h(
    "dl",
    { class: "facts" },
    facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}
