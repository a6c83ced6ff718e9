// Marks in broken files: where something is to be said, whatever it is.

/** @returns `line:column` of every mark `#! column, column`, which stands below its line */
export function readMarks(text: string): readonly string[] {
  let marked = 0;
  return text.split("\n").flatMap((line, index) => {
    const columns = /^\s*#! ([\d, ]+)$/.exec(line)?.[1];
    if (columns === undefined) {
      marked = index + 1;
      return [];
    }
    return columns.split(",").map((column) => `${marked}:${Number(column)}`);
  });
}
