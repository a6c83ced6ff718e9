// Clients that send faster than they may: what they have sent waits here, and they are not read
// until it has gone. Nothing is lost and nobody is asked again and again; a deadline tells when the
// next piece may go, set on the server's slot, which has none of its own while bytes are relayed.
//
// Bounded by one received piece a client, in the slabs of the pool. Decides nothing: see
// stages/pace-client.ts.

import { assert } from "../assert.ts";
import type { Io } from "../io/io.ts";
import { SlabQueues } from "../io/slab-queues.ts";

// Flags of a connection. "True exactly when":
/** its client is not read, because what it sent has to wait */
const HOLDS = 1 << 0;
/** the next piece may go as soon as the server takes more */
export const IS_DUE = 1 << 1;
/** its client has ended its direction behind what waits */
export const ENDS = 1 << 2;
/** nothing was kept, but what has gone on is still to be paid for */
export const PAYS = 1 << 3;

export class PacedClients {
  readonly flags: Uint8Array;
  /** Bytes of the next piece, which is paid for; 0: none is. */
  readonly paid: Uint32Array;
  readonly queues: SlabQueues;
  /** Clients that hold. */
  count = 0;

  constructor(io: Io, connectionsMax: number) {
    this.flags = new Uint8Array(connectionsMax);
    this.paid = new Uint32Array(connectionsMax);
    this.queues = new SlabQueues(io.bytes, io.pool, connectionsMax);
  }

  holds(connection: number): boolean {
    return (this.flags[connection]! & HOLDS) !== 0;
  }

  isDue(connection: number): boolean {
    return (this.flags[connection]! & IS_DUE) !== 0;
  }

  isPaying(connection: number): boolean {
    return (this.flags[connection]! & PAYS) !== 0;
  }

  begin(connection: number): void {
    assert(!this.holds(connection), "who holds is not read");
    this.flags[connection] = HOLDS;
    this.count += 1;
  }

  /** Forgets what waits. Safe for those that hold nothing. */
  end(connection: number): void {
    if (!this.holds(connection)) return;
    this.count -= 1;
    this.flags[connection] = 0;
    this.paid[connection] = 0;
    this.queues.clear(connection);
  }
}
