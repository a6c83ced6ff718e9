// Tables of the page: a caption for those who hear it, headings over columns and before rows, and
// each cell with the name of its column, which a phone shows instead of the headings. Pure.

import { type Content, h, type VNode } from "./vnode.ts";

export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => Content;
  /** Numbers stand at the right, under each other; `wide` may break lines, on a phone `address`. */
  readonly kind?: "text" | "number" | "wide" | "address";
}

export interface Table<Row> {
  readonly caption: string;
  /** The first one names the row. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** Said where there are no rows. */
  readonly empty: string;
  /** Rows beyond it are counted and not shown. */
  readonly rowsMax?: number;
}

const ROWS_MAX = 200;
/** Tables of so many columns are narrow enough for a phone as they are. */
const SLIM_COLUMNS = 3;

export function drawTable<Row>(table: Table<Row>): VNode {
  const { caption, columns, rows, empty, rowsMax = ROWS_MAX } = table;
  if (rows.length === 0) return h("p", { class: "quiet" }, empty);
  const shown = rows.slice(0, rowsMax);
  const more = rows.length - shown.length;
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": caption },
    // Roles are said again: a phone lays tables out as blocks, and browsers then forget them.
    h(
      "table",
      { role: "table", ...(columns.length <= SLIM_COLUMNS ? { class: "slim" } : {}) },
      h("caption", { class: "unseen" }, caption),
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, columns.map(drawHeading))),
      h(
        "tbody",
        { role: "rowgroup" },
        shown.map((row) => drawRow(table, row)),
      ),
    ),
    more > 0 && h("p", { class: "quiet" }, `and ${more} more, which the API lists`),
  );
}

function drawHeading<Row>({ heading, kind = "text" }: Column<Row>): VNode {
  return h("th", { scope: "col", role: "columnheader", class: kind }, heading);
}

function drawRow<Row>({ columns, keyOf }: Table<Row>, row: Row): VNode {
  return h(
    "tr",
    { role: "row", key: keyOf(row) },
    columns.map(({ heading, cell, kind = "text" }, i) =>
      i === 0
        ? h("th", { scope: "row", role: "rowheader", class: kind }, cell(row))
        : h(
            "td",
            { role: "cell", class: kind, "data-label": heading },
            h("div", { class: "cell" }, cell(row)),
          ),
    ),
  );
}
