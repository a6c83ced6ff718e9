// Connections that subscribe to one topic filter each; what comes is counted by clients.ts.

import { PacketType } from "../mqtt/packet-type.ts";
import { recordMs } from "./histogram.ts";
import { FAILURE } from "./load-failure.ts";
import { type LoadOrder, topicOf } from "./load-order.ts";
import { COUNT, type LoadTally } from "./load-tally.ts";
import { encodeSubscribe } from "./packet-writer.ts";
import type { Traffic, TrafficPort } from "./traffic.ts";

/** From here on a SUBACK code means no: 0x80 in 3.1.1, 0x80 and more in 5.0. */
const REFUSED_FROM = 0x80;

export class Subscriber implements Traffic {
  readonly nextMs = Number.POSITIVE_INFINITY;
  readonly isDone = false;
  readonly #port: TrafficPort;
  readonly #order: LoadOrder;
  readonly #tally: LoadTally;
  readonly #area: number;
  readonly #askedMs: Float64Array;

  /** @param area where a SUBSCRIBE of `subscribeSizeMax` may be put together */
  constructor(port: TrafficPort, order: LoadOrder, tally: LoadTally, area: number) {
    this.#port = port;
    this.#order = order;
    this.#tally = tally;
    this.#area = area;
    this.#askedMs = new Float64Array(order.connectionCount);
  }

  onUp(slot: number): void {
    const { level, qos } = this.#order;
    const packet = encodeSubscribe(level, topicOf(this.#order, slot), qos);
    this.#port.bytes.set(packet, this.#area);
    this.#askedMs[slot] = this.#port.now;
    this.#port.send(slot, this.#area, packet.length);
  }

  onPacket(slot: number, first: number, _id: number, code: number): void {
    if (first >> 4 !== PacketType.suback) return;
    if (code >= REFUSED_FROM) {
      this.#tally.fail(FAILURE.subscribe, code);
      return;
    }
    this.#tally.counts[COUNT.subscribed]! += 1;
    recordMs(this.#tally.ackTimes, this.#port.now - this.#askedMs[slot]!);
  }

  onGone(): void {}
  onUnblocked(): void {}
  go(): void {}
  step(): void {}
}

/** Bytes that the largest SUBSCRIBE of an order takes. */
export function subscribeSizeMax(order: LoadOrder): number {
  const last = Math.max(0, order.connectionCount - 1);
  return encodeSubscribe(order.level, topicOf(order, last), order.qos).length;
}
