// HAProxy's statistics as CSV: `/stats;csv` and `show stat`. Pure but for what it asks for.

import type { Supervisor } from "../../supervisor/supervisor.ts";
import { COLUMNS, type Column, type StatRow, TYPE } from "./columns.ts";
import type { Rates } from "./rates.ts";
import { listStatRows } from "./stat-rows.ts";

/** Of `show stat IID TYPE SID`: -1 stands for all. */
export interface StatSelection {
  readonly iid: number;
  /** 1: frontends, 2: backends, 4: servers; added up. */
  readonly types: number;
  readonly sid: number;
  /** `up`: no server that is down; `no-maint`: none in maintenance. */
  readonly only?: "up" | "no-maint";
}

export const ALL_STATS: StatSelection = { iid: -1, types: -1, sid: -1 };

export function writeCsv(
  supervisor: Supervisor,
  rates: Rates | null = null,
  selection: StatSelection = ALL_STATS,
): string {
  const rows = selectStatRows(supervisor, rates, selection);
  const lines = rows.map((row) => COLUMNS.map((column) => cell(row, column)).join(","));
  return [`# ${COLUMNS.join(",")},`, ...lines.map((line) => `${line},`), ""].join("\n");
}

/** @returns the rows that are asked for, without what was cleared */
export function selectStatRows(
  supervisor: Supervisor,
  rates: Rates | null,
  selection: StatSelection,
): StatRow[] {
  const rows = listStatRows(supervisor, rates).filter((row) => isSelected(row, selection));
  return rates === null ? rows : rows.map((row) => rates.cleared.apply(row));
}

function isSelected(row: StatRow, { iid, types, sid, only }: StatSelection): boolean {
  const status = row.type === TYPE.server ? String(row.status) : "";
  if (only === "up" && status.startsWith("DOWN")) return false;
  if (only !== undefined && status.startsWith("MAINT")) return false;
  if (iid !== -1 && row.iid !== iid) return false;
  if (sid !== -1 && row.type === TYPE.server && row.sid !== sid) return false;
  return types === -1 || (types & (1 << Number(row.type))) !== 0;
}

// HAProxy quotes what holds a comma, a quote or a line's end, and doubles quotes.
function cell(row: StatRow, column: Column): string {
  const text = String(row[column] ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
