// Keys of sticky tables that are neither client id nor address: one store for each rule that a pool
// may have.
//
// A store is made when a rule first wants it, once in the life of a worker. Bounded by
// STICK_RULES_MAX.

import { assert } from "../assert.ts";
import { STICK_RULES_MAX } from "../rules/client-key.ts";
import { KeyStore } from "./key-store.ts";

export class StickKeys {
  readonly #connectionsMax: number;
  readonly #stores: KeyStore[] = [];

  constructor(connectionsMax: number) {
    this.#connectionsMax = connectionsMax;
    this.of(0);
  }

  /** @param rule its place among those of its pool */
  of(rule: number): KeyStore {
    assert(rule < STICK_RULES_MAX, "a pool has so many rules at most");
    while (this.#stores.length <= rule) this.#stores.push(new KeyStore(this.#connectionsMax));
    return this.#stores[rule]!;
  }

  clear(connection: number): void {
    for (const store of this.#stores) store.clear(connection);
  }
}
