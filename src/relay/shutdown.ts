// Ending a worker's connections without cutting packets and without a storm: spread over the grace
// period, each between two packets, in its own protocol's words. What is left at the end of the
// grace period is closed as it is.

import { assert } from "../assert.ts";
import { REASON } from "../shm/close-reason.ts";
import { isBetweenPackets } from "./farewell.ts";
import type { Relay } from "./relay.ts";
import { CLOSING, FREE, LINGERING } from "./state.ts";

/** The last part of the grace period is for those who were in the middle of a packet. */
const SPREAD_SHARE = 0.8;

export class Shutdown {
  readonly #relay: Relay;
  readonly #startMs: number;
  readonly #graceMs: number;
  readonly #firstCount: number;

  constructor(relay: Relay, nowMs: number, graceMs: number) {
    assert(graceMs >= 0, "a grace period is not negative");
    this.#relay = relay;
    this.#startMs = nowMs;
    this.#graceMs = graceMs;
    this.#firstCount = relay.connectionCount;
    relay.stopListening();
  }

  get done(): boolean {
    return this.#relay.connectionCount === 0;
  }

  /** Ends as many connections as the time that has passed allows. */
  step(nowMs: number): void {
    const passed = nowMs - this.#startMs;
    if (passed >= this.#graceMs) {
      this.#closeAll();
      return;
    }
    const share = Math.min(1, (passed + 1) / (this.#graceMs * SPREAD_SHARE));
    this.#endSome(Math.ceil(share * this.#firstCount) - (this.#firstCount - this.#serving()));
  }

  #serving(): number {
    let count = 0;
    this.#forEachServed(() => {
      count++;
    });
    return count;
  }

  #endSome(wanted: number): void {
    let left = wanted;
    this.#forEachServed((connection) => {
      if (left <= 0 || !isBetweenPackets(this.#relay.context, connection)) return;
      left--;
      this.#relay.endConnection(connection, REASON["shut-down"]);
    });
  }

  #closeAll(): void {
    const { connections } = this.#relay.context;
    this.#forEachServed((connection) => {
      this.#relay.endConnection(connection, REASON["shut-down"]);
    });
    for (let connection = 0; connection < connections.end; connection++) {
      this.#relay.closeNow(connection);
    }
  }

  #forEachServed(visit: (connection: number) => void): void {
    const { connections } = this.#relay.context;
    for (let connection = 0; connection < connections.end; connection++) {
      const state = connections.state[connection]!;
      if (state !== FREE && state !== LINGERING && state !== CLOSING) visit(connection);
    }
  }
}
