// The rows of what stands behind `bind` and `server`: how many words each option takes, and what
// becomes of it here.

import type { Status } from "./keyword-row.ts";

export interface OptionRow {
  readonly name: string;
  readonly argumentCount: number;
  readonly status: Status;
  /** Takes another option back: `no-check`. */
  readonly negates: string | null;
}

export type OptionTable = ReadonlyMap<string, OptionRow>;

/** @param names parted by commas or line breaks; each takes `argumentCount` words */
export function takes(argumentCount: number, names: string): OptionRow[] {
  return rowsOf(names, argumentCount, { kind: "honoured" });
}

export function takesNotice(argumentCount: number, names: string, reason: string): OptionRow[] {
  return rowsOf(names, argumentCount, { kind: "notice", reason });
}

export function takesRefused(argumentCount: number, names: string, reason: string): OptionRow[] {
  return rowsOf(names, argumentCount, { kind: "refused", reason });
}

/** `no-x` for each `x` that may be taken back. */
export function negations(names: string): OptionRow[] {
  return rowsOf(names, 0, { kind: "honoured" }).map((row) => {
    return { ...row, name: `no-${row.name}`, negates: row.name };
  });
}

/** An option that takes another one back, and says nothing else. */
export function takesBack(name: string, negates: string): OptionRow[] {
  return takes(0, name).map((row) => ({ ...row, negates }));
}

function rowsOf(names: string, argumentCount: number, status: Status): OptionRow[] {
  return names
    .split(/\s*[,\n]\s*/)
    .filter((name) => name !== "")
    .map((name) => ({ name, argumentCount, status, negates: null }));
}

export function optionTable(...rows: readonly OptionRow[]): OptionTable {
  return new Map(rows.map((row) => [row.name, row]));
}
