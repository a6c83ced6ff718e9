// Columns of text for a terminal. Pure.

/** A number stands at the right of its column, and so does what is made to: `12.3 KiB`. */
export type Cell = string | number | { readonly right: string };

/** A text that stands where numbers do. */
export function atRight(text: string): Cell {
  return { right: text };
}

/**
 * @param rows the first one has the headings, which stand as the cells below do
 * @returns one line per row, columns as wide as their widest cell, two spaces between them
 */
export function alignColumns(rows: readonly (readonly Cell[])[]): string[] {
  const texts = rows.map((row) =>
    row.map((of) => (typeof of === "object" ? of.right : String(of))),
  );
  const areRight = (rows[1] ?? []).map((_, i) => rows.slice(1).some((row) => isRight(row[i])));
  const widths: number[] = [];
  for (const row of texts) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return texts.map((row) => {
    const padded = row.map((cell, i) => {
      return areRight[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0);
    });
    return padded.join("  ").trimEnd();
  });
}

function isRight(cell: Cell | undefined): boolean {
  return typeof cell === "number" || typeof cell === "object";
}
