// What `clear counters all` cleared: from then on HAProxy's statistics show how much more there is.
//
// The counters themselves stay, for those who compute rates from them (/metrics, the API). Bounded
// by the listeners, pools and servers there are. Keeps numbers; reads and writes none.

import type { Column, StatRow } from "./columns.ts";

/** Those that only rise. */
const COUNTERS = [
  ...["stot", "bin", "bout", "dreq", "dresp", "ereq", "econ", "eresp", "wretr", "wredis"],
  ...["chkfail", "chkdown", "downtime", "lbtot", "cli_abrt", "srv_abrt", "conn_tot", "dcon"],
  ...["dses", "connect"],
] as const satisfies readonly Column[];

export class ClearedCounters {
  private rows: ReadonlyMap<string, StatRow> = new Map();

  /** @param rows as they are without what was cleared before */
  clear(rows: readonly StatRow[]): void {
    this.rows = new Map(rows.map((row) => [nameOf(row), row]));
  }

  /** @returns the row without what was cleared */
  apply(row: StatRow): StatRow {
    const cleared = this.rows.get(nameOf(row));
    if (cleared === undefined) return row;
    const changed: Partial<Record<Column, number>> = {};
    for (const column of COUNTERS) {
      if (row[column] === undefined) continue;
      const [now, before] = [Number(row[column]), Number(cleared[column] ?? 0)];
      // One that has begun anew, with another server, has nothing that was cleared.
      changed[column] = now < before ? now : now - before;
    }
    return { ...row, ...changed };
  }
}

function nameOf({ pxname, svname }: StatRow): string {
  return `${pxname}/${svname}`;
}
