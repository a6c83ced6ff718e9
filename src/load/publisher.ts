// Connections that publish: each message the same bytes, held to an interval or as fast as they are
// taken and acknowledged. A PUBLISH/PUBACK ping is this with one message in flight.
//
//   ┌───────────────────────┬───────────────┬─────────┐
//   │ heads of connections, │   head of one │ payload │  memory: a head is copied in front of the
//   │ when topics differ    │ PUBLISH → ... │         │  payload, its packet identifier set
//   └───────────────────────┴───────────────┴─────────┘
//
// Latency counts from the moment a message was due, if its connection was late to send it: a slow
// answer is not hidden by the messages that it held up. Bounded by inFlightMax and SENDS_PER_STEP.

import { assert } from "../assert.ts";
import { PacketType } from "../mqtt/packet-type.ts";
import { DueQueue } from "./due-queue.ts";
import { recordMs } from "./histogram.ts";
import { FAILURE } from "./load-failure.ts";
import { type LoadOrder, topicOf } from "./load-order.ts";
import { COUNT, type LoadTally } from "./load-tally.ts";
import {
  ACKNOWLEDGE_SIZE,
  encodePublishHead,
  publishIdBeforeEnd,
  writeAcknowledge,
} from "./packet-writer.ts";
import type { Traffic, TrafficPort } from "./traffic.ts";

/** Messages under way on one connection are bits of a word. */
export const IN_FLIGHT_MAX = 31;
/** What one step sends before the reactor gets its turn: answers must not wait for long. */
const SENDS_PER_STEP = 512;
/** The loop wakes by the millisecond; what is this late is still in time. */
const SLACK_MS = 2;
const SEND_ON = 0;
const REFUSED_FROM = 0x80;

export class Publisher implements Traffic {
  readonly #port: TrafficPort;
  readonly #order: LoadOrder;
  readonly #tally: LoadTally;
  readonly #heads: PublishHeads;
  readonly #acknowledgeAt: number;
  /** Slots and when their next message is due; with an interval only. */
  readonly #schedule: DueQueue;
  /** Slots that send whenever they may; without interval and QoS only. */
  readonly #eager: DueQueue;
  readonly #isEager: Uint8Array;
  readonly #isBlocked: Uint8Array;
  /** A bit for each identifier that is free. */
  readonly #free: Int32Array;
  readonly #sentMs: Float64Array;
  /** Messages that fell due and could not be sent yet, and when the last of them did. */
  readonly #owed: Uint32Array;
  readonly #owedMs: Float64Array;
  #left: number;
  #inFlight = 0;
  #running = false;

  /** @param area where `publisherAreaSize(order)` bytes of the arena are this publisher's */
  constructor(port: TrafficPort, order: LoadOrder, tally: LoadTally, area: number) {
    assert(order.inFlightMax <= IN_FLIGHT_MAX, "messages in flight fit the bits of a word");
    const count = order.connectionCount;
    this.#port = port;
    this.#order = order;
    this.#tally = tally;
    this.#acknowledgeAt = area;
    this.#heads = new PublishHeads(port.bytes, order, area + ACKNOWLEDGE_SIZE);
    this.#schedule = new DueQueue(count);
    this.#eager = new DueQueue(count);
    this.#isEager = new Uint8Array(count);
    this.#isBlocked = new Uint8Array(count);
    this.#free = new Int32Array(count).fill(allFree(order));
    this.#sentMs = new Float64Array(count * order.inFlightMax);
    this.#owed = new Uint32Array(count);
    this.#owedMs = new Float64Array(count);
    this.#left = order.messagesMax;
  }

  get nextMs(): number {
    if (this.#left === 0) return Number.POSITIVE_INFINITY;
    return this.#eager.length > 0 ? 0 : this.#schedule.nextMs;
  }

  get isDone(): boolean {
    return this.#left === 0 && this.#inFlight === 0;
  }

  go(): void {
    const { activeCount, messageIntervalMs } = this.#order;
    this.#running = true;
    for (let slot = 0; slot < activeCount; slot++) {
      // Spread over the interval, as devices are.
      if (messageIntervalMs > 0) {
        this.#schedule.push(slot, this.#port.now + (slot * messageIntervalMs) / activeCount);
      } else if (this.#port.isUp(slot)) this.#pursue(slot);
    }
  }

  onUp(slot: number): void {
    const { activeCount, messageIntervalMs } = this.#order;
    if (this.#running && messageIntervalMs === 0 && slot < activeCount) this.#pursue(slot);
  }

  onGone(slot: number): void {
    const all = allFree(this.#order);
    this.#inFlight -= bitCount(all & ~this.#free[slot]!);
    this.#free[slot] = all;
    this.#owed[slot] = 0;
    this.#isBlocked[slot] = 0;
  }

  onUnblocked(slot: number): void {
    this.#isBlocked[slot] = 0;
    if (slot < this.#order.activeCount) this.#pursue(slot);
  }

  onPacket(slot: number, first: number, id: number, code: number): void {
    const type = first >> 4;
    const bit = id >= 1 && id <= this.#order.inFlightMax ? 1 << (id - 1) : 0;
    const isOurs = bit !== 0 && (this.#free[slot]! & bit) === 0;
    if (!isOurs || type < PacketType.puback || type > PacketType.pubcomp) {
      this.#tally.fail(FAILURE.protocol, type);
      return;
    }
    if (code >= REFUSED_FROM) this.#tally.fail(FAILURE.publish, code);
    else if (type === PacketType.pubrec) {
      this.#release(slot, id);
      return;
    } else {
      const sentMs = this.#sentMs[slot * this.#order.inFlightMax + id - 1]!;
      recordMs(this.#tally.ackTimes, this.#port.now - sentMs);
      this.#tally.counts[COUNT.acknowledged]! += 1;
    }
    this.#free[slot] = this.#free[slot]! | bit;
    this.#inFlight--;
    this.#pursue(slot);
  }

  step(): void {
    const { messageIntervalMs, burst } = this.#order;
    let sends = 0;
    while (this.#schedule.nextMs <= this.#port.now && sends++ < SENDS_PER_STEP) {
      if (this.#left === 0) return;
      const dueMs = this.#schedule.nextMs;
      const slot = this.#schedule.shift();
      this.#schedule.push(slot, dueMs + messageIntervalMs);
      if (this.#port.isUp(slot)) this.#fallDue(slot, dueMs);
    }
    let turns = Math.min(this.#eager.length, SENDS_PER_STEP);
    while (turns-- > 0) {
      const slot = this.#eager.shift();
      this.#isEager[slot] = 0;
      if (!this.#port.isUp(slot)) continue;
      for (let i = 0; i < burst && this.#isBlocked[slot] === 0 && this.#left > 0; i++) {
        if (!this.#publish(slot, this.#port.now)) break;
      }
      this.#pursue(slot);
    }
  }

  // Without interval: the next messages of a connection. With one: those that it owes.
  #pursue(slot: number): void {
    if (!this.#running || !this.#port.isUp(slot)) return;
    const { qos, messageIntervalMs } = this.#order;
    if (messageIntervalMs > 0) this.#payOwed(slot);
    else if (qos === 0) this.#beEager(slot);
    else while (this.#maySend(slot) && this.#publish(slot, this.#port.now));
  }

  #beEager(slot: number): void {
    if (this.#isEager[slot] === 1 || this.#isBlocked[slot] === 1 || this.#left === 0) return;
    this.#isEager[slot] = 1;
    this.#eager.push(slot, 0);
  }

  #fallDue(slot: number, dueMs: number): void {
    if (this.#owed[slot] === 0 && this.#maySend(slot)) {
      const { now } = this.#port;
      this.#publish(slot, now - dueMs > SLACK_MS ? dueMs : now);
      return;
    }
    this.#tally.counts[COUNT.held]! += 1;
    this.#owed[slot] = this.#owed[slot]! + 1;
    this.#owedMs[slot] = dueMs;
    this.#payOwed(slot);
  }

  #payOwed(slot: number): void {
    while (this.#owed[slot]! > 0 && this.#maySend(slot)) {
      const behind = this.#owed[slot]! - 1;
      this.#owed[slot] = behind;
      const dueMs = this.#owedMs[slot]! - behind * this.#order.messageIntervalMs;
      if (!this.#publish(slot, dueMs)) return;
    }
  }

  #maySend(slot: number): boolean {
    if (this.#left === 0 || this.#isBlocked[slot] === 1) return false;
    return this.#order.qos === 0 || this.#free[slot] !== 0;
  }

  // @returns whether the connection may send more
  #publish(slot: number, startMs: number): boolean {
    const { qos, inFlightMax } = this.#order;
    let id = 0;
    if (qos !== 0) {
      const free = this.#free[slot]!;
      id = 32 - Math.clz32(free & -free);
      this.#free[slot] = free & (free - 1);
      this.#inFlight++;
      this.#sentMs[slot * inFlightMax + id - 1] = startMs;
    }
    this.#left--;
    const length = this.#heads.place(slot, id);
    const result = this.#port.send(slot, this.#heads.packetAt, length);
    if (result < 0) return false;
    this.#tally.counts[COUNT.published]! += 1;
    if (result === SEND_ON) return true;
    this.#isBlocked[slot] = 1;
    return false;
  }

  #release(slot: number, id: number): void {
    writeAcknowledge(this.#port.bytes, this.#acknowledgeAt, PacketType.pubrel, id);
    const result = this.#port.send(slot, this.#acknowledgeAt, ACKNOWLEDGE_SIZE);
    if (result > SEND_ON) this.#isBlocked[slot] = 1;
  }
}

/** Bytes of the arena that a publisher of this order takes. */
export function publisherAreaSize(order: LoadOrder): number {
  const heads = headStride(order) * headCount(order);
  return ACKNOWLEDGE_SIZE + heads + headStride(order) + order.payload.length;
}

/** The messages themselves: puts the PUBLISH of one connection together where it is sent from. */
class PublishHeads {
  /** Where the packet is that was placed last. */
  packetAt = 0;
  readonly #bytes: Uint8Array;
  readonly #headsAt: number;
  readonly #stride: number;
  readonly #sizes: Uint16Array;
  readonly #payloadAt: number;
  readonly #payloadSize: number;
  readonly #idBeforeEnd: number;
  /** The head that stands in front of the payload. */
  #placed = -1;

  constructor(bytes: Uint8Array, order: LoadOrder, area: number) {
    const count = headCount(order);
    this.#bytes = bytes;
    this.#headsAt = area;
    this.#stride = headStride(order);
    this.#sizes = new Uint16Array(count);
    this.#payloadAt = area + (count + 1) * this.#stride;
    this.#payloadSize = order.payload.length;
    this.#idBeforeEnd = order.qos === 0 ? 0 : publishIdBeforeEnd(order.level);
    for (let slot = 0; slot < count; slot++) {
      const head = encodeHead(order, slot);
      bytes.set(head, area + slot * this.#stride);
      this.#sizes[slot] = head.length;
    }
    bytes.set(order.payload, this.#payloadAt);
  }

  /** @returns the bytes of the packet, which is at `packetAt` */
  place(slot: number, id: number): number {
    const head = this.#sizes.length === 1 ? 0 : slot;
    const size = this.#sizes[head]!;
    if (head !== this.#placed) {
      const from = this.#headsAt + head * this.#stride;
      this.#bytes.copyWithin(this.#payloadAt - size, from, from + size);
      this.#placed = head;
      this.packetAt = this.#payloadAt - size;
    }
    if (id !== 0) {
      const at = this.#payloadAt - this.#idBeforeEnd;
      this.#bytes[at] = 0;
      this.#bytes[at + 1] = id;
    }
    return size + this.#payloadSize;
  }
}

function encodeHead(order: LoadOrder, slot: number): Uint8Array {
  const { level, qos, retain, payload } = order;
  return encodePublishHead(
    { level, qos, retain, payloadSize: payload.length },
    topicOf(order, slot),
  );
}

// One head for all, or one for each connection that publishes.
function headCount(order: LoadOrder): number {
  return /%[icu]/.test(order.topic) ? Math.max(1, order.activeCount) : 1;
}

// Numbers grow, so the last head is the longest.
function headStride(order: LoadOrder): number {
  return encodeHead(order, Math.max(0, order.connectionCount - 1)).length;
}

function allFree({ inFlightMax }: LoadOrder): number {
  return 2 ** inFlightMax - 1;
}

function bitCount(word: number): number {
  let rest = word;
  let count = 0;
  for (; rest !== 0; rest &= rest - 1) count++;
  return count;
}
