// What is said in MQTT: packets each way, PUBLISH by what it carries, CONNECT, CONNACK. Pure.

import type { PageState } from "../page-state.ts";
import { drawShares } from "./chart.ts";
import { formatBytes, formatCount, formatPercent, formatSpan } from "./format.ts";
import type { Model } from "./model.ts";
import { drawPanel } from "./panel.ts";
import { atMost, type Spread } from "./spread.ts";
import { drawTable } from "./table.ts";
import { type Content, h, type VNode } from "./vnode.ts";

type Mqtt = PageState["mqtt"];

/** A number of each direction, and what it is of. */
interface TwoWays {
  readonly name: string;
  readonly fromClients: Content;
  readonly fromServers: Content;
}

/** Clients, and which part of all CONNECTs they are. */
interface Part {
  readonly name: string;
  readonly count: number;
  readonly share: number;
}

export function drawStatistics({ state: { mqtt } }: Model): VNode[] {
  return [
    drawTwoWays("packets", "Packets", packetRows(mqtt)),
    drawTwoWays("publishes", "Messages", publishRows(mqtt)),
    drawConnects(mqtt),
    drawConnacks(mqtt),
  ];
}

function drawTwoWays(id: string, title: string, rows: readonly TwoWays[]): VNode {
  return drawPanel(
    id,
    title,
    drawTable({
      caption: `${title} since the start`,
      columns: [
        { heading: "Kind", cell: ({ name }) => name },
        { heading: "From clients", kind: "number", cell: ({ fromClients }) => fromClients },
        { heading: "From servers", kind: "number", cell: ({ fromServers }) => fromServers },
      ],
      rows,
      keyOf: ({ name }) => name,
      empty: "None so far.",
    }),
  );
}

/** Only types that have occurred. */
function packetRows({ fromClients, fromServers }: Mqtt): TwoWays[] {
  const types = Object.keys(fromClients.packets) as (keyof typeof fromClients.packets)[];
  return types
    .filter((type) => fromClients.packets[type] + fromServers.packets[type] > 0)
    .map((type) => ({
      name: type.toUpperCase(),
      fromClients: formatCount(fromClients.packets[type]),
      fromServers: formatCount(fromServers.packets[type]),
    }));
}

function publishRows({ fromClients, fromServers }: Mqtt): TwoWays[] {
  const both = [fromClients.publishes, fromServers.publishes] as const;
  if (both.every(({ sizes }) => sizes.count === 0)) return [];
  const row = (name: string, cell: (of: (typeof both)[number]) => Content): TwoWays => ({
    name,
    fromClients: cell(both[0]),
    fromServers: cell(both[1]),
  });
  return [
    row("QoS 0", ({ qos0 }) => formatCount(qos0)),
    row("QoS 1", ({ qos1 }) => formatCount(qos1)),
    row("QoS 2", ({ qos2 }) => formatCount(qos2)),
    row("Retained", ({ retained }) => formatCount(retained)),
    row("Sent again", ({ duplicates }) => formatCount(duplicates)),
    row("Size of half of them", ({ sizes }) => atMost(sizes, 0.5, formatBytes)),
    row("Size of 99 %", ({ sizes }) => atMost(sizes, 0.99, formatBytes)),
    row("Size on average", ({ sizes }) => averageOf(sizes)),
  ];
}

function averageOf({ count, sum }: Spread): string {
  return count === 0 ? "none yet" : formatBytes(sum / count);
}

function drawConnects({ connects, connacks, takeovers }: Mqtt): VNode {
  const part = (name: string, count: number, of = connects.total): Part => {
    return { name, count, share: of === 0 ? 0 : count / of };
  };
  const letIn = connacks.fromServers.find(({ code }) => code === "0")?.count ?? 0;
  const rows = [
    ...Object.entries(connects.versions).map(([version, count]) => part(`MQTT ${version}`, count)),
    part("Clean start", connects.cleanStarts),
    part("Session was there", connacks.sessionsPresent, letIn),
    part("Takeovers", takeovers, letIn),
    ...connects.keepAlives.buckets.map(({ upTo, count }) => part(keepAliveName(upTo), count)),
  ];
  return drawPanel(
    "connects",
    "Clients that came",
    drawTable({
      caption: "Clients that came, by what their CONNECT said",
      columns: [
        { heading: "Kind", cell: ({ name }) => name },
        { heading: "Clients", kind: "number", cell: ({ count }) => formatCount(count) },
        { heading: "Share", cell: drawShare },
      ],
      rows: connects.total === 0 ? [] : rows,
      keyOf: ({ name }) => name,
      empty: "None so far.",
    }),
  );
}

function keepAliveName(upTo: number | null): string {
  if (upTo === 0) return "Keep alive: none";
  return upTo === null ? "Keep alive: longer" : `Keep alive: up to ${formatSpan(upTo * 1000)}`;
}

function drawShare({ name, share }: Part): Content {
  const words = formatPercent(share);
  return [drawShares(`${name}: ${words}`, [share]), h("span", { class: "beside" }, words)];
}

function drawConnacks({ connacks: { fromServers, own } }: Mqtt): VNode {
  const codes = new Map([...fromServers, ...own].map(({ code, name }) => [code, name]));
  const countIn = (list: typeof own, wanted: string) =>
    formatCount(list.find(({ code }) => code === wanted)?.count ?? 0);
  return drawPanel(
    "connacks",
    "CONNACKs",
    drawTable({
      caption: "CONNACKs by code",
      columns: [
        { heading: "Code", cell: ([code]) => code },
        { heading: "Says", kind: "wide", cell: ([, name]) => name },
        { heading: "Of servers", kind: "number", cell: ([code]) => countIn(fromServers, code) },
        { heading: "Of Fairlead", kind: "number", cell: ([code]) => countIn(own, code) },
      ],
      rows: [...codes],
      keyOf: ([code]) => code,
      empty: "None so far.",
    }),
  );
}
