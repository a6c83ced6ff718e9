// Messages that wait for a session: first in, first out, bounded in number and bytes. All queues
// draw on one budget of bytes, so that many sessions together are bounded too.

import type { Message, Qos } from "./message.ts";

/** One message for one session. */
export interface Delivery {
  readonly message: Message;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly subscriptionIds: readonly number[] | null;
}

/** Bytes that all queues hold together. */
export interface QueueBudget {
  readonly maxBytes: number;
  usedBytes: number;
}

export interface QueueLimits {
  readonly queueMax: number;
  readonly queueMaxBytes: number;
}

export class DeliveryQueue {
  readonly #limits: QueueLimits;
  readonly #budget: QueueBudget;
  #items: (Delivery | undefined)[] = [];
  #head = 0;
  #bytes = 0;

  constructor(limits: QueueLimits, budget: QueueBudget) {
    this.#limits = limits;
    this.#budget = budget;
  }

  get count(): number {
    return this.#items.length - this.#head;
  }

  get first(): Delivery | undefined {
    return this.#items[this.#head];
  }

  /** @returns false when a limit is reached; the delivery is then not taken */
  push(delivery: Delivery): boolean {
    const size = delivery.message.size;
    if (this.count >= this.#limits.queueMax) return false;
    if (this.#bytes + size > this.#limits.queueMaxBytes) return false;
    if (this.#budget.usedBytes + size > this.#budget.maxBytes) return false;
    delivery.message.keep();
    this.#items.push(delivery);
    this.#bytes += size;
    this.#budget.usedBytes += size;
    return true;
  }

  shift(): Delivery | undefined {
    const delivery = this.#items[this.#head];
    if (delivery === undefined) return undefined;
    this.#items[this.#head++] = undefined;
    this.#bytes -= delivery.message.size;
    this.#budget.usedBytes -= delivery.message.size;
    // Moving the rest down costs no more than what has been taken since the last time.
    if (this.#head > this.#items.length / 2) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return delivery;
  }

  clear(): void {
    this.#budget.usedBytes -= this.#bytes;
    this.#bytes = 0;
    this.#items = [];
    this.#head = 0;
  }
}
