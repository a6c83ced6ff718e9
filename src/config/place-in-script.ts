// Where in a script something stands: the line that threw, the key of a value.
//
// What threw is found by the bundle's source map. Keys are looked for in the text, from outside in:
// the place is right for configurations that are written down, and near for those that code puts
// together, where a value may have no place at all. Pure.

import { SourceMap } from "node:module";
import { basename } from "node:path";
import type { Position } from "./diagnostic.ts";
import type { Path } from "./raw-document.ts";

const START: Position = { line: 1, column: 1 };

/**
 * @param map the source map of the text that was run under the name `file`
 * @returns the innermost place of the script itself that the error went through
 */
export function placeOfError(error: unknown, file: string, map: string): Position {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const sourceMap = new SourceMap(JSON.parse(map));
  for (const line of stack.split("\n")) {
    const at = line.lastIndexOf(`${file}:`);
    const [row, column] = line
      .slice(at + file.length + 1)
      .split(/[:)]/)
      .map(Number);
    if (at === -1 || !row || !column) continue;
    const entry = sourceMap.findEntry(row - 1, column - 1);
    if (!("originalSource" in entry) || basename(entry.originalSource) !== basename(file)) continue;
    return { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  }
  return START;
}

/**
 * @param offset in `text`, the bundle that `map` is of
 * @returns the place in the script, or its start for what comes from another file
 */
export function originalPlace(text: string, offset: number, file: string, map: string): Position {
  const before = text.slice(0, offset).split("\n");
  const found = new SourceMap(JSON.parse(map)).findEntry(before.length - 1, before.at(-1)!.length);
  if (!("originalSource" in found)) return START;
  if (basename(found.originalSource) !== basename(file)) return START;
  return { line: found.originalLine + 1, column: found.originalColumn + 1 };
}

/** Finds keys in one text. */
export class KeyPlaces {
  private readonly text: string;
  private readonly found = new Map<string, number>();

  constructor(text: string) {
    this.text = text;
  }

  /** The place of the last key of the path, or that of the nearest one around it. */
  placeOf(path: Path): Position {
    return this.positionOf(this.offsetOf(path));
  }

  private offsetOf(path: Path): number {
    const name = path.join("\n");
    const known = this.found.get(name);
    if (known !== undefined || path.length === 0) return known ?? 0;
    const around = this.offsetOf(path.slice(0, -1));
    const offset = this.find(path.at(-1)!, around);
    this.found.set(name, offset);
    return offset;
  }

  private find(step: string | number, from: number): number {
    if (typeof step === "number") return from;
    const escaped = step.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const key = new RegExp(`(?<![\\w$.])(["'\`]?)${escaped}\\1\\s*[:,(}]`, "g");
    key.lastIndex = from;
    return key.exec(this.text)?.index ?? from;
  }

  private positionOf(offset: number): Position {
    const before = this.text.slice(0, offset).split("\n");
    return { line: before.length, column: before.at(-1)!.length + 1 };
  }
}
