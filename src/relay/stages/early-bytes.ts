// What the stages before a server share: bytes are kept while a header, a hello or a request is not
// whole, and what lies behind it is left for the next stage.
//
// Bounded by the size that each stage allows and by the pool of slabs.

import { assert } from "../../assert.ts";
import { REASON } from "../../shm/close-reason.ts";
import { COUNTER } from "../../shm/counters.ts";
import type { RelayContext } from "../relay-context.ts";
import { endWith, STAY } from "../verdict.ts";

/**
 * Puts a piece behind what is kept already.
 * @returns where all of it lies in one piece, for as long as this callback runs, or -1 when it is
 *   more than the scratch area holds; its length is then in `connections.heldLength` plus `length`
 */
export function joinHeld(
  context: RelayContext,
  connection: number,
  offset: number,
  length: number,
): number {
  const { connections, held, io } = context;
  const before = connections.heldLength[connection]!;
  if (before === 0) return offset;
  if (before + length > io.scratchSize) return -1;
  held.copyTo(connection, io.scratchOffset);
  io.bytes.copyWithin(io.scratchOffset + before, offset, offset + length);
  return io.scratchOffset;
}

/** Keeps a piece until more comes. @returns a verdict */
export function hold(
  context: RelayContext,
  connection: number,
  offset: number,
  length: number,
): number {
  assert(length > 0, "only bytes are held");
  const { connections, io } = context;
  if (connections.heldLength[connection]! + length > io.scratchSize) {
    return endWith(REASON["early-data-too-large"]);
  }
  connections.heldLength[connection]! += length;
  if (context.held.append(connection, offset, length)) return STAY;
  context.row[COUNTER.slabPoolDry]! += 1;
  return endWith(REASON["buffers-exhausted"]);
}

/** This stage is done with what was kept; `length` bytes at `offset` are for the next one. */
export function leave(
  context: RelayContext,
  connection: number,
  offset: number,
  length: number,
): void {
  assert(length >= 0, "what is left is not less than nothing");
  context.held.clear(connection);
  context.connections.heldLength[connection] = 0;
  context.restOffset = offset;
  context.restLength = length;
}
