// Who is turned away at this moment for repeated failures: the bans that last longest, each with a
// button that lifts it. Pure.

import type { PageState } from "../page-state.ts";
import { formatCount, formatSpan, formatTime } from "./format.ts";
import { type Model, type Moves, mayAct } from "./model.ts";
import { drawPanel } from "./panel.ts";
import { type Column, drawTable } from "./table.ts";
import { type Content, h, small, type VNode } from "./vnode.ts";

type Ban = PageState["bans"]["longest"][number];

/** @returns null where no listener bans anybody */
export function drawBans(model: Model, moves: Moves): VNode | null {
  const { isOn, count, longest } = model.state.bans;
  if (!isOn) return null;
  const title = count === 0 ? "Banned" : `Banned: ${formatCount(count)}`;
  const table = drawTable({
    caption: "Who is banned",
    columns: columnsFor(model, moves),
    rows: longest,
    keyOf: ({ listener, by, key }) => `${listener} ${by} ${key}`,
    empty: "Nobody is banned.",
  });
  const more = count - longest.length;
  const rest = `and ${formatCount(more)} more that end sooner, which the API lists`;
  return drawPanel("bans", title, [table, more > 0 && h("p", { class: "quiet" }, rest)]);
}

function columnsFor(model: Model, moves: Moves): Column<Ban>[] {
  const now = Date.parse(model.state.at);
  const columns: Column<Ban>[] = [
    { heading: "Who", kind: "wide", cell: ({ key, by }) => [key, small(by)] },
    { heading: "Listener", cell: ({ listener }) => listener },
    {
      heading: "For",
      cell: ({ until }) => {
        const place = { datetime: until, title: formatTime(until) };
        return h("time", place, formatSpan(Date.parse(until) - now));
      },
    },
    { heading: "Failures", kind: "number", cell: ({ failures }) => formatCount(failures) },
    { heading: "The latest", kind: "wide", cell: ({ cause }) => cause },
  ];
  if (!mayAct(model)) return columns;
  return [...columns, { heading: "Lift", cell: (ban) => drawButton(moves, ban) }];
}

function drawButton(moves: Moves, { listener, by, key }: Ban): Content {
  return h(
    "button",
    {
      type: "button",
      "aria-haspopup": "dialog",
      "aria-label": `Lift the ban of ${key} at ${listener}`,
      onclick: () => moves.ask({ kind: "ban", listener, by, key }),
    },
    "Lift…",
  );
}
