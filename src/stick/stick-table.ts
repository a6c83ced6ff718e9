// Which server a client was sent to, for all workers: a hash table in shared memory with expiry.
import { assert } from "../assert.ts";
import type { StickKey } from "./stick-key.ts";

export interface StickTableSettings {
  /** The most entries; the one used longest ago makes room. */
  readonly entriesMax: number;
  /** An entry that is not used for so long is forgotten. */
  readonly expirySeconds: number;
  /** Secret, random: keys are chosen by clients. */
  readonly seed: number;
}

/** Survives structured cloning: this is what a worker is sent. */
export interface StickTableBuffers {
  readonly settings: StickTableSettings;
  readonly memory: SharedArrayBuffer;
}

/** Control plane: makes an empty table. */
export function createStickTable(settings: StickTableSettings): StickTableBuffers {
  assert(settings.entriesMax > 0, "a table holds something");
  throw new Error("Cannot stick yet");
}

/** What a key leads to. Fill the same object in again for each use. */
export interface StickValue {
  /** A server number of the plan that was current when it was stored. */
  server: number;
  /** `ServerStates.identity` of that server: what it is, whatever number a later plan gives it. */
  identity: number;
}

export interface StickEntry extends Readonly<StickValue> {
  readonly key: Uint8Array;
  /** Seconds until it is forgotten. */
  readonly expiresIn: number;
}

export class StickTable {
  /** What the latest `lookup` that answered true has found. */
  readonly found: StickValue = { server: -1, identity: 0 };

  /** @param worker this thread's worker number, or CONTROL_PLANE: the name it takes locks by */
  constructor(_buffers: StickTableBuffers, _worker: number) {
    throw new Error("Cannot stick yet");
  }

  /** Puts the server of a key into `found` and marks the entry used now. @returns whether known */
  lookup(_key: StickKey, _nowSeconds: number): boolean {
    throw new Error("Cannot stick yet");
  }

  /**
   * Remembers a server for a key, in place of any other.
   * @returns whether it was kept (a table too small for a very long key cannot)
   */
  store(_key: StickKey, _value: StickValue, _nowSeconds: number): boolean {
    throw new Error("Cannot stick yet");
  }
}
