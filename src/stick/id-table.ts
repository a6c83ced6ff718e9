// A sticky table for ids that are known as long as their connections: what its entries say beside
// the server, and how it is made so that none of them expires.
//
// An entry's identity names the connection it is for, so that whoever leaves does not take the
// entry of whoever came after it along.

import { assert } from "../assert.ts";
import { createStickTable, type StickTableBuffers } from "./stick-table.ts";

/** What the clock of such a table always says. */
export const NO_TIME = 0;

const ROW_BITS = 24;
const WORKERS_MAX = 1 << (32 - ROW_BITS);

/** Control plane: an empty table. @param idsMax ids that it keeps; the first to come makes room */
export function createIdTable(idsMax: number, seed: number): StickTableBuffers {
  return createStickTable({ entriesMax: idsMax, expirySeconds: NO_TIME + 1, seed });
}

/** @returns what tells a connection from all others that are open, as an int32 */
export function nameConnection(worker: number, row: number): number {
  assert(worker >= 0 && worker < WORKERS_MAX, "a worker has a number of 8 bits");
  assert(row >= 0 && row < 1 << ROW_BITS, "a row has a number of 24 bits");
  return (worker << ROW_BITS) | row;
}

/** @returns the worker that a connection of this name is with */
export function workerOfName(name: number): number {
  return name >>> ROW_BITS;
}
