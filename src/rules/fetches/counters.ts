// Fetches of table counters: `sc0_conn_rate` of what the connection tracks, `sc_conn_rate(0)` the
// same by number, `src_conn_rate(table)` of the client's address. One row for each counter and way
// to name the key. Pure.

import type { Call } from "../call.ts";
import { type Evaluator, type FetchRow, fetchRows } from "../catalogue-row.ts";
import { COUNTER_READINGS, type Reading } from "../counter-readings.ts";
import { keyOf } from "../key.ts";
import type { Subject } from "../subject.ts";
import { TRACKED_MAX } from "../tracked-slots.ts";
import { ABSENT, type Answer, addressValue, booleanValue, integerValue } from "../value.ts";

type Row = Omit<FetchRow, "name" | "args"> & { readonly args: string };

export const COUNTER_FETCHES: readonly FetchRow[] = fetchRows(makeRows());

function makeRows(): Record<string, Row> {
  const rows: Record<string, Row> = {};
  for (const [name, reading] of Object.entries(COUNTER_READINGS)) {
    rows[`src_${name}`] = {
      ...{ args: "table:table?", type: "integer", stage: "accept" },
      doc: `${reading.doc}, of the client's address`,
      compile: (call) => ofSource(call, reading),
    };
    rows[`sc_${name}`] = {
      ...{ args: "slot:count table:table?", type: "integer", stage: "accept" },
      problem: slotProblem,
      doc: `${reading.doc}, of what slot \`slot\` tracks`,
      compile: (call) => ofTracked(call, reading, call.integer(0, 0), 1),
    };
    for (let slot = 0; slot < TRACKED_MAX; slot++) {
      rows[`sc${slot}_${name}`] = {
        ...{ args: "table:table?", type: "integer", stage: "accept" },
        doc: `${reading.doc}, of what slot ${slot} tracks`,
        compile: (call) => ofTracked(call, reading, slot, 0),
      };
    }
  }
  return { ...rows, ...trackedRows() };
}

function slotProblem([slot]: readonly (string | null)[]): string | null {
  return Number(slot) < TRACKED_MAX ? null : `slots are 0 to ${TRACKED_MAX - 1}`;
}

function trackedRows(): Record<string, Row> {
  const doc = "whether a slot tracks a key";
  const shared = { type: "boolean", stage: "accept", doc } as const;
  const rows: Record<string, Row> = {
    sc_tracked: {
      ...{ ...shared, args: "slot:count", problem: slotProblem },
      compile: (call) => isTracked(call.integer(0, 0)),
    },
  };
  for (let slot = 0; slot < TRACKED_MAX; slot++) {
    rows[`sc${slot}_tracked`] = { ...shared, args: "", compile: () => isTracked(slot) };
  }
  return rows;
}

function isTracked(slot: number): Evaluator {
  return (subject) => booleanValue(subject.tracked.handleOf(slot) > 0);
}

function ofSource(call: Call, reading: Reading): Evaluator {
  const table = call.table(0);
  return (subject) => {
    const key = keyOf(addressValue(subject.client, subject.clientAt), table.keyType);
    if (key === null) return ABSENT;
    const store = subject.tables[table.number]!;
    return counted(reading.ofKey(store, key, subject.nowMs), reading);
  };
}

// A table named beside the slot, when it is another one, is asked about the key that is tracked.
function ofTracked(call: Call, reading: Reading, slot: number, tableAt: number): Evaluator {
  const other = call.has(tableAt) ? call.table(tableAt).number : -1;
  return (subject: Subject): Answer => {
    const handle = subject.tracked.handleOf(slot);
    if (handle === 0) return ABSENT;
    const number = subject.tracked.tableOf(slot);
    const tracked = subject.tables[number]!;
    if (other < 0 || other === number) {
      return counted(reading.ofEntry(tracked, handle, subject.nowMs), reading);
    }
    const bytes = tracked.trackedKey(handle);
    if (bytes === null) return ABSENT;
    const key = { bytes, offset: 0, length: bytes.length };
    return counted(reading.ofKey(subject.tables[other]!, key, subject.nowMs), reading);
  };
}

function counted(count: number, { shift = 0 }: Reading): Answer {
  return count < 0 ? ABSENT : integerValue(Math.floor(count / 2 ** shift));
}
