// How fast the listeners of a worker may let clients in: whom they have let in counts against rates
// that all workers share, and what is over a rate has to wait in the backlog.
//
// A client that was accepted is served, however early it is: the next ones wait for longer then. A
// listener that has to stop books the time of its next client at once, so that workers take turns
// whoever of them is quicker. So in any span of time at most burst + time × rate clients are let
// in, and one more for each worker and listener: who comes early, or when a booked time has passed.
// Bounded by the listeners. Stops nobody itself (listening.ts) and reads no clock.

import type { Plan } from "../shm/plan.ts";
import { type BucketShape, takeTokenAnyway, tokenWaitMs } from "../shm/token-bucket.ts";

interface OpenRate {
  readonly shape: BucketShape;
  readonly bucket: Int32Array;
}

export class AcceptRates {
  /** By listener number: the rates it goes by; none: it lets everybody in. */
  readonly #rates: (readonly OpenRate[])[] = [];
  /** By listener number: whether its next client has been counted already. */
  readonly #hasBooked: boolean[] = [];

  use(listener: number, { listeners, accepts }: Plan): void {
    const { accepts: own, tls } = listeners[listener]!;
    const rates = [own, accepts?.all, tls === null ? null : accepts?.tls];
    this.#rates[listener] = rates.flatMap((of) => {
      return of == null ? [] : [{ shape: of.rate, bucket: new Int32Array(of.memory) }];
    });
    this.#hasBooked[listener] ??= false;
  }

  /** The number passes to another listener. */
  forget(listener: number): void {
    this.#hasBooked[listener] = false;
  }

  has(listener: number): boolean {
    return this.#rates[listener]!.length > 0;
  }

  /** A client was let in. @returns milliseconds until the next one is to be; 0: at any time */
  letIn(listener: number, nowMs: number): number {
    if (!this.#hasBooked[listener]!) this.#count(listener, nowMs);
    this.#hasBooked[listener] = !this.#isOnTime(listener, nowMs);
    return this.#hasBooked[listener] ? this.#count(listener, nowMs) : 0;
  }

  #isOnTime(listener: number, nowMs: number): boolean {
    for (const { shape, bucket } of this.#rates[listener]!) {
      if (tokenWaitMs(bucket, 0, shape, nowMs) > 0) return false;
    }
    return true;
  }

  // @returns how much too early the client is
  #count(listener: number, nowMs: number): number {
    let waitMs = 0;
    for (const { shape, bucket } of this.#rates[listener]!) {
      waitMs = Math.max(waitMs, takeTokenAnyway(bucket, 0, shape, nowMs));
    }
    return waitMs;
  }
}
