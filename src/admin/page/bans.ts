// Who is turned away at this moment for repeated failures: the bans that last longest. Pure.

import { formatCount, formatSpan, formatTime } from "./format.ts";
import type { Model } from "./model.ts";
import { drawPanel } from "./panel.ts";
import { drawTable } from "./table.ts";
import { h, small, type VNode } from "./vnode.ts";

/** @returns null where no listener bans anybody */
export function drawBans({ state }: Model): VNode | null {
  const { isOn, count, longest } = state.bans;
  if (!isOn) return null;
  const now = Date.parse(state.at);
  const title = count === 0 ? "Banned" : `Banned: ${formatCount(count)}`;
  const table = drawTable({
    caption: "Who is banned",
    columns: [
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
    ],
    rows: longest,
    keyOf: ({ listener, by, key }) => `${listener} ${by} ${key}`,
    empty: "Nobody is banned.",
  });
  return drawPanel("bans", title, table);
}
