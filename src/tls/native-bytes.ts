// Small pieces of memory whose address OpenSSL is given: strings, lists and places for results.
//
// Bounded by what is passed in; each piece is a mapping of its own, so this is for contexts and
// start-up, never for sessions or bytes that are relayed.

import { mapMemory, type NativeMemory, unmapMemory } from "../linux/native-memory.ts";

/** Bytes that stay where they are until `freeBytes`, with a 0 behind them. */
export interface NativeBytes {
  readonly address: number;
  readonly length: number;
  readonly memory: NativeMemory;
}

export function keepBytes(bytes: Uint8Array): NativeBytes {
  const memory = mapMemory(bytes.length + 1);
  memory.bytes.set(bytes);
  return { address: memory.address, length: bytes.length, memory };
}

export function freeBytes(kept: NativeBytes): void {
  unmapMemory(kept.memory);
}
