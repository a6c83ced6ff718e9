// How fast the listeners of a worker may let clients in: whom they have let in counts against
// rates that all workers share, and what is over a rate has to wait in the backlog.
//
// A client that was accepted is served, however early it is: the next ones wait for longer then. So
// in any span of time at most burst + time × rate clients are let in, and one more for each worker
// and listener. Bounded by the listeners. Stops nobody itself (listening.ts) and reads no clock.

import type { Plan } from "../shm/plan.ts";
import { type BucketShape, takeTokenAnyway, tokenWaitMs } from "../shm/token-bucket.ts";

interface OpenRate {
  readonly shape: BucketShape;
  readonly bucket: Int32Array;
}

export class AcceptRates {
  /** By listener number: the rates it goes by; none: it lets everybody in. */
  readonly #rates: (readonly OpenRate[])[] = [];

  use(listener: number, { listeners, accepts }: Plan): void {
    const { accepts: own, tls } = listeners[listener]!;
    const rates = [own, accepts?.all, tls === null ? null : accepts?.tls];
    this.#rates[listener] = rates.flatMap((of) => {
      return of == null ? [] : [{ shape: of.rate, bucket: new Int32Array(of.memory) }];
    });
  }

  has(listener: number): boolean {
    return this.#rates[listener]!.length > 0;
  }

  /** A client was let in. @returns milliseconds until the next one may be; 0: now */
  countIn(listener: number, nowMs: number): number {
    let waitMs = 0;
    for (const { shape, bucket } of this.#rates[listener]!) {
      waitMs = Math.max(waitMs, takeTokenAnyway(bucket, 0, shape, nowMs));
    }
    return waitMs;
  }

  /** @returns milliseconds until a client may be let in; 0: now */
  waitMs(listener: number, nowMs: number): number {
    let waitMs = 0;
    for (const { shape, bucket } of this.#rates[listener]!) {
      waitMs = Math.max(waitMs, tokenWaitMs(bucket, 0, shape, nowMs));
    }
    return waitMs;
  }
}
