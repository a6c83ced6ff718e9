// Variables of one connection, or of a worker (`proc.`): names to values.
//
// Bounded: names come from the plan alone, never from a client, and a value is at most as long as
// the text that a client sent. A full store forgets nothing: `set` says that it did not keep. Pure.

import type { Value } from "./value.ts";

const VARIABLES_MAX = 64;

export class Variables {
  private values: Map<string, Value> | null = null;

  /** @param name with its scope: `txn.tenant` */
  get(name: string): Value | null {
    return this.values?.get(name) ?? null;
  }

  /** @returns whether it was kept */
  set(name: string, value: Value): boolean {
    this.values ??= new Map();
    if (this.values.size >= VARIABLES_MAX && !this.values.has(name)) return false;
    this.values.set(name, value);
    return true;
  }

  unset(name: string): void {
    this.values?.delete(name);
  }

  /** For the next connection. */
  clear(): void {
    this.values?.clear();
  }
}
