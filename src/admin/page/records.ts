// What has happened and what will: the latest changes of state, refusals and ends by reason,
// certificates with the days they have left, workers. Pure.

import type { PageState } from "../page-state.ts";
import { formatCount, formatPercent, formatSpan, formatTime } from "./format.ts";
import type { Model } from "./model.ts";
import { drawPanel } from "./panel.ts";
import { drawTable } from "./table.ts";
import { type Content, h, small, type VNode } from "./vnode.ts";

/** Days before its end at which a certificate is worth a look, and at which it is urgent. */
const SOON_DAYS = 30;
const URGENT_DAYS = 7;
const CHANGES_SHOWN = 12;

type End = PageState["ends"][number];
type Certificate = PageState["certificates"][number];

export function drawChanges({ state }: Model): VNode {
  const now = Date.parse(state.at);
  return drawPanel(
    "changes",
    "Latest changes",
    drawTable({
      caption: "Latest changes of servers",
      columns: [
        { heading: "Server", cell: ({ pool, server }) => `${pool}/${server}` },
        {
          heading: "Went",
          cell: (of) =>
            h("span", { class: `badge ${of.state === "UP" ? "good" : "bad"}` }, of.state),
        },
        {
          heading: "When",
          cell: ({ at }) =>
            h(
              "time",
              { datetime: at, title: formatTime(at) },
              `${formatSpan(now - Date.parse(at))} ago`,
            ),
        },
        { heading: "Why", kind: "wide", cell: ({ reason }) => reason },
      ],
      rows: state.changes.slice(0, CHANGES_SHOWN),
      keyOf: ({ at, pool, server }) => `${at} ${pool}/${server}`,
      empty: "No server has changed since the start.",
    }),
  );
}

export function drawEnds({ state }: Model): VNode[] {
  const { refusedAtAccept } = state.totals;
  const atAccept: End[] =
    refusedAtAccept === 0
      ? []
      : [
          {
            name: "at-accept",
            fault: true,
            sentence: "A limit was reached, or no place was free, when the client came.",
            count: refusedAtAccept,
          },
        ];
  return [
    drawReasons("refusals", "Refused or failed", [...atAccept, ...state.refusals]),
    drawReasons("ends", "Ended", state.ends),
  ];
}

function drawReasons(id: string, title: string, rows: readonly End[]): VNode {
  return drawPanel(
    id,
    title,
    drawTable({
      caption: `${title}: connections by reason`,
      columns: [
        { heading: "Reason", kind: "wide", cell: ({ name, sentence }) => [name, small(sentence)] },
        { heading: "Connections", kind: "number", cell: ({ count }) => formatCount(count) },
      ],
      rows,
      keyOf: ({ name }) => name,
      empty: "None so far.",
    }),
  );
}

export function drawCertificates({ state }: Model): VNode | null {
  if (state.certificates.length === 0) return null;
  return drawPanel(
    "certificates",
    "Certificates",
    drawTable({
      caption: "Certificates",
      columns: [
        { heading: "For", kind: "wide", cell: ({ names }) => names.join(", ") || "no name" },
        { heading: "Used by", cell: ({ owner }) => owner },
        { heading: "Days left", kind: "number", cell: drawDays },
        { heading: "Ends", cell: ({ notAfter }) => formatTime(notAfter) },
        { heading: "File", kind: "wide", cell: ({ file, keyType }) => [file, small(keyType)] },
      ],
      rows: state.certificates,
      keyOf: ({ owner, file, notAfter }) => `${owner} ${file} ${notAfter}`,
      empty: "",
    }),
  );
}

function drawDays({ daysLeft }: Certificate): Content {
  if (daysLeft < 0) return h("span", { class: "badge bad" }, "expired");
  const tone = daysLeft <= URGENT_DAYS ? "bad" : daysLeft <= SOON_DAYS ? "changing" : "good";
  return h("span", { class: `badge ${tone}` }, `${formatCount(daysLeft)} days`);
}

export function drawWorkers({ state }: Model): VNode {
  return drawPanel(
    "workers",
    "Workers",
    drawTable({
      caption: "Workers",
      columns: [
        { heading: "Worker", cell: ({ worker }) => String(worker) },
        { heading: "State", cell: ({ state: word }) => word },
        { heading: "Reactor", kind: "wide", cell: (of) => [of.reactor, of.note && small(of.note)] },
        { heading: "Connections", kind: "number", cell: (of) => formatCount(of.connections) },
        { heading: "Busy", kind: "number", cell: drawBusy },
        { heading: "Replaced", kind: "number", cell: (of) => formatCount(of.replacements) },
      ],
      rows: state.workers,
      keyOf: ({ worker }) => String(worker),
      empty: "No worker serves.",
    }),
  );
}

function drawBusy({ cpuSeconds, rates }: PageState["workers"][number]): Content {
  const { busyPercent = 0 } = rates;
  return cpuSeconds === null ? "not known" : formatPercent(Math.min(1, busyPercent / 100));
}
