// The busiest clients now or since they came, the slowest, and those that have been here longest: a
// list that the API makes, of which the page asks for the first few. Pure.

import {
  formatByteRate,
  formatBytes,
  formatCount,
  formatMs,
  formatPerSecond,
  formatSpan,
} from "./format.ts";
import { type ClientOrder, type ClientRow, type Model, type Moves, mayAct } from "./model.ts";
import { type Column, drawTable } from "./table.ts";
import { type Content, h, small, typedIn, type VNode } from "./vnode.ts";

const ORDERS: readonly (readonly [order: ClientOrder, words: string])[] = [
  ["message-rate", "Packets a second"],
  ["byte-rate", "Bytes a second"],
  ["messages", "Packets in all"],
  ["bytes", "Bytes in all"],
  ["slowest", "Slowest CONNACK"],
  ["age", "Longest here"],
];

export function drawClients(model: Model, moves: Moves): VNode {
  const { problem, rows, total, prefix } = model.clients;
  const found = prefix === "" ? "connected" : `with an id that begins with “${prefix}”`;
  return h(
    "section",
    { "aria-labelledby": "clients", class: "panel" },
    h("h2", { id: "clients" }, "Clients"),
    drawChoice(model, moves),
    problem === ""
      ? [
          total > 0 &&
            h(
              "p",
              { class: "quiet" },
              `${formatCount(rows.length)} of ${formatCount(total)} ${found}`,
            ),
          drawTable({
            caption: "Clients",
            columns: columnsFor(model, moves),
            rows,
            keyOf: ({ id }) => id,
            empty: prefix === "" ? "No client is connected." : `No client ${found} is connected.`,
          }),
        ]
      : h("p", { class: "quiet" }, problem),
  );
}

function drawChoice({ clients }: Model, moves: Moves): VNode {
  return h(
    "div",
    { class: "choice" },
    h(
      "div",
      { role: "group", "aria-label": "Order of clients", class: "buttons" },
      ORDERS.map(([order, words]) =>
        h(
          "button",
          {
            type: "button",
            "aria-pressed": String(order === clients.order),
            onclick: () => moves.listClients({ order }),
          },
          words,
        ),
      ),
    ),
    h(
      "label",
      {},
      "Client id begins with ",
      h("input", {
        type: "search",
        autocomplete: "off",
        spellcheck: "false",
        oninput: ({ target }) => moves.listClients({ prefix: typedIn(target) }),
      }),
    ),
  );
}

function columnsFor(model: Model, moves: Moves): Column<ClientRow>[] {
  const columns: Column<ClientRow>[] = [
    { heading: "Client id", kind: "wide", cell: drawId },
    { heading: "From", kind: "address", cell: ({ client }) => client },
    { heading: "Server", cell: ({ server }) => server ?? "none yet" },
    { heading: "MQTT", cell: ({ version }) => version ?? "" },
    movedColumn("Packets in", "packetsIn"),
    movedColumn("Packets out", "packetsOut"),
    movedColumn("Bytes in", "bytesIn"),
    movedColumn("Bytes out", "bytesOut"),
    {
      heading: "CONNACK after",
      kind: "number",
      cell: ({ connackMs }) => (connackMs === null ? "none yet" : formatMs(connackMs)),
    },
    { heading: "Here for", kind: "number", cell: ({ ageMs }) => formatSpan(ageMs) },
  ];
  if (!mayAct(model)) return columns;
  return [...columns, { heading: "End", cell: (of) => drawButton(moves, of) }];
}

// What it moves now, where clients are ranked by that, and since it came.
function movedColumn(
  heading: string,
  field: "packetsIn" | "packetsOut" | "bytesIn" | "bytesOut",
): Column<ClientRow> {
  const isBytes = field === "bytesIn" || field === "bytesOut";
  const formatTotal = isBytes ? formatBytes : formatCount;
  const formatRate = isBytes ? formatByteRate : formatPerSecond;
  return {
    heading,
    kind: "number",
    cell: ({ rates, [field]: total }) =>
      rates === null
        ? formatTotal(total)
        : [formatRate(rates[field]), small(`${formatTotal(total)} ever`)],
  };
}

function drawId({ clientId, isClientIdCut }: ClientRow): Content {
  return isClientIdCut ? [`${clientId}…`, small("longer than is shown")] : (clientId ?? "none yet");
}

function drawButton(moves: Moves, { id, clientId, isClientIdCut, client }: ClientRow): Content {
  const name = clientId === null ? client : `${clientId}${isClientIdCut ? "…" : ""}`;
  return h(
    "button",
    {
      type: "button",
      "aria-haspopup": "dialog",
      "aria-label": `End the connection of ${name}`,
      onclick: () => moves.ask({ kind: "client", id, name }),
    },
    "End…",
  );
}
