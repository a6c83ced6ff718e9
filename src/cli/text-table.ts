// Columns of text for a terminal. Pure.

/** @returns one line per row, columns as wide as their widest cell, two spaces between them */
export function alignColumns(rows: readonly (readonly (string | number)[])[]): string[] {
  const texts = rows.map((row) => row.map(String));
  const widths: number[] = [];
  for (const row of texts) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return texts.map((row) => {
    const padded = row.map((cell, i) => cell.padEnd(widths[i] ?? 0));
    return padded.join("  ").trimEnd();
  });
}
