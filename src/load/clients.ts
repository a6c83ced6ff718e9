// The connections of a load thread: dial, CONNECT, CONNACK, keep alive, loss and return. What they
// do in between is their traffic's. One slot a connection, from 0; no packet allocates anything.

import { assert } from "../assert.ts";
import { encodeText } from "../bytes/utf8.ts";
import { type ArenaAddress, END_OF_STREAM, type Io, SEND_ON } from "../io/io.ts";
import { DISCONNECT, PINGREQ } from "../mqtt/packet.ts";
import { PacketType } from "../mqtt/packet-type.ts";
import { DueQueue } from "./due-queue.ts";
import { recordMs } from "./histogram.ts";
import { FAILURE } from "./load-failure.ts";
import { clientIdOf, type LoadOrder } from "./load-order.ts";
import { COUNT, type LoadTally } from "./load-tally.ts";
import { type PacketHandler, PacketReader } from "./packet-reader.ts";
import { ACKNOWLEDGE_SIZE, ConnectWriter, writeAcknowledge } from "./packet-writer.ts";
import type { Traffic, TrafficPort } from "./traffic.ts";

/** What CONNACK may take, connecting included. */
const CONNACK_WITHIN_MS = 30_000;
/** Connections that are being opened at a time: what a listener's backlog takes easily. */
const OPENING_MAX = 256;

// States of a slot.
/** no socket */
const CLOSED = 0;
/** connect is under way */
const DIALLING = 1;
/** CONNECT is sent, CONNACK has not come */
const CONNECTING = 2;
/** CONNACK said yes */
const UP = 3;
/** DISCONNECT and FIN are sent; the other end closes next */
const ENDING = 4;
/** close was asked for */
const CLOSING = 5;
/** the same, to connect again at once: it has done what a cycle asks of it */
const RETURNING = 6;

export class LoadClients implements PacketHandler, TrafficPort {
  readonly bytes: Uint8Array;
  traffic!: Traffic;
  /** Slots that are not CLOSED. */
  openCount = 0;
  readonly #io: Io;
  readonly #order: LoadOrder;
  readonly #tally: LoadTally;
  readonly #reader: PacketReader;
  readonly #connects: ConnectWriter;
  readonly #area: number;
  readonly #target: ArenaAddress;
  readonly #sources: readonly ArenaAddress[];
  readonly #states: Uint8Array;
  readonly #startedMs: Float64Array;
  readonly #sentMs: Float64Array;
  /** 1 once the first attempt has ended. */
  readonly #isSettled: Uint8Array;
  /** Slots that wait for their first attempt, and for another one. */
  readonly #first: DueQueue;
  readonly #again: DueQueue;
  #opening = 0;
  #stopping = false;

  /** @param area where `clientsAreaSize(order)` bytes of the arena are these clients' */
  constructor(io: Io, order: LoadOrder, tally: LoadTally, area: number) {
    const count = order.connectionCount;
    this.#io = io;
    this.bytes = io.bytes;
    this.#order = order;
    this.#tally = tally;
    this.#area = area;
    this.#reader = new PacketReader(this, count);
    this.#connects = connectWriter(order);
    this.#target = io.keepAddress(order.target);
    this.#sources = order.sources.map((source) => io.keepAddress(source));
    this.#states = new Uint8Array(count);
    this.#startedMs = new Float64Array(count);
    this.#sentMs = new Float64Array(count);
    this.#isSettled = new Uint8Array(count);
    this.#first = new DueQueue(count);
    this.#again = new DueQueue(count);
  }

  /** From now on connections are opened, one after the other. */
  begin(): void {
    const { connectionCount, connectIntervalMs } = this.#order;
    for (let slot = 0; slot < connectionCount; slot++) {
      this.#first.push(slot, this.now + slot * connectIntervalMs);
    }
  }

  get now(): number {
    return this.#io.now;
  }

  isUp(slot: number): boolean {
    return this.#states[slot] === UP;
  }

  /** When `step` has something to do; Infinity: not before something comes. */
  get nextMs(): number {
    const dialMs = this.#mayDial() ? Math.min(this.#first.nextMs, this.#again.nextMs) : Infinity;
    return Math.min(dialMs, this.traffic.nextMs);
  }

  step(): void {
    while (this.#mayDial() && this.#first.nextMs <= this.now) this.#dial(this.#first.shift());
    while (this.#mayDial() && this.#again.nextMs <= this.now) this.#dial(this.#again.shift());
    this.traffic.step();
  }

  send(slot: number, offset: number, length: number): number {
    assert(this.#states[slot] === UP, "only a connection that is up sends");
    return this.#send(slot, offset, length);
  }

  /** Says goodbye on connections that are up and drops the others; the reactor does the rest. */
  beginStop(): void {
    this.#stopping = true;
    for (let slot = 0; slot < this.#states.length; slot++) {
      if (this.#states[slot] === UP) this.#sayGoodbye(slot);
      else if (this.#states[slot] !== CLOSED) this.#close(slot);
    }
  }

  /** Drops what has not been closed by the other end. */
  dropAll(): void {
    for (let slot = 0; slot < this.#states.length; slot++) {
      if (this.#states[slot] !== CLOSED) this.#close(slot);
    }
  }

  onConnect(slot: number, result: number): void {
    if (this.#states[slot] !== DIALLING) return;
    if (result < 0) {
      this.#lose(slot, FAILURE.dial, -result);
      return;
    }
    this.#io.startReceiving(slot);
    this.#states[slot] = CONNECTING;
    const end = this.#connects.write(this.bytes, this.#area, this.#clientId(slot));
    this.#send(slot, this.#area, end - this.#area);
  }

  onReceive(slot: number, offset: number, result: number): void {
    if (result <= 0) {
      if (this.#states[slot] === ENDING) this.#close(slot);
      else if (result === END_OF_STREAM) this.#lose(slot, FAILURE.ended, 0);
      else this.#lose(slot, FAILURE.receive, -result);
      return;
    }
    this.#tally.counts[COUNT.receivedBytes]! += result;
    if (!this.#reader.read(slot, this.bytes, offset, result)) this.#lose(slot, FAILURE.protocol, 0);
  }

  onSent(slot: number, result: number): void {
    if (result < 0) this.#lose(slot, FAILURE.send, -result);
    else if (this.#states[slot] === UP) this.traffic.onUnblocked(slot);
  }

  onDeadline(slot: number): void {
    if (this.#states[slot] !== UP) {
      this.#lose(slot, FAILURE.timeout, 0);
      return;
    }
    const idleMs = this.#order.keepAliveSeconds * 1000;
    if (this.now - this.#sentMs[slot]! >= idleMs) {
      this.bytes.set(PINGREQ, this.#area);
      if (this.#send(slot, this.#area, PINGREQ.length) < SEND_ON) return;
    }
    this.#io.setDeadline(slot, this.#sentMs[slot]! + idleMs);
  }

  onClosed(slot: number): void {
    const returns = this.#states[slot] === RETURNING;
    this.#states[slot] = CLOSED;
    this.openCount--;
    if (this.#stopping) return;
    if (returns) this.#dial(slot);
    else if (this.#order.reconnectMs > 0) {
      this.#again.push(slot, this.now + this.#order.reconnectMs);
    }
  }

  onPacket(slot: number, first: number, id: number, code: number): boolean {
    const type = first >> 4;
    if (this.#states[slot] === CONNECTING) this.#onConnack(slot, type, code);
    else if (type === PacketType.publish) this.#onPublish(slot, (first >> 1) & 3, id);
    else if (type === PacketType.pubrel) this.#acknowledge(slot, PacketType.pubcomp, id);
    else if (type === PacketType.disconnect) this.#lose(slot, FAILURE.disconnected, code);
    else if (type === PacketType.connack) this.#lose(slot, FAILURE.protocol, type);
    else if (type !== PacketType.pingresp) this.traffic.onPacket(slot, first, id, code);
    return this.#states[slot] === UP;
  }

  #onConnack(slot: number, type: number, code: number): void {
    if (type !== PacketType.connack) {
      this.#lose(slot, FAILURE.protocol, type);
      return;
    }
    if (code !== 0) {
      this.#lose(slot, FAILURE.refused, code);
      return;
    }
    const { counts, connectTimes } = this.#tally;
    this.#opening--;
    this.#states[slot] = UP;
    counts[COUNT.connected]! += 1;
    counts[COUNT.up]! += 1;
    recordMs(connectTimes, this.now - this.#startedMs[slot]!);
    this.#settle(slot);
    if (this.#order.isCycling) {
      this.#close(slot);
      this.#states[slot] = RETURNING;
      return;
    }
    const { keepAliveSeconds } = this.#order;
    if (keepAliveSeconds > 0) this.#io.setDeadline(slot, this.now + keepAliveSeconds * 1000);
    else this.#io.clearDeadline(slot);
    this.traffic.onUp(slot);
  }

  #onPublish(slot: number, qos: number, id: number): void {
    this.#tally.counts[COUNT.received]! += 1;
    if (qos > 0) this.#acknowledge(slot, qos === 1 ? PacketType.puback : PacketType.pubrec, id);
  }

  #acknowledge(slot: number, type: number, id: number): void {
    writeAcknowledge(this.bytes, this.#area, type, id);
    if (this.#states[slot] === UP) this.#send(slot, this.#area, ACKNOWLEDGE_SIZE);
  }

  #mayDial(): boolean {
    return !this.#stopping && this.#opening < OPENING_MAX;
  }

  #dial(slot: number): void {
    assert(this.#states[slot] === CLOSED, "a connection is opened once");
    const { counts } = this.#tally;
    counts[COUNT.dialled]! += 1;
    this.openCount++;
    this.#opening++;
    this.#states[slot] = DIALLING;
    this.#startedMs[slot] = this.now;
    this.#reader.reset(slot);
    const source = this.#sources[slot % Math.max(1, this.#sources.length)];
    this.#io.connect(slot, this.#target, source);
    this.#io.setDeadline(slot, this.now + CONNACK_WITHIN_MS);
  }

  #send(slot: number, offset: number, length: number): number {
    const result = this.#io.send(slot, offset, length);
    if (result < 0) {
      this.#lose(slot, FAILURE.send, -result);
      return result;
    }
    this.#sentMs[slot] = this.now;
    this.#tally.counts[COUNT.sentBytes]! += length;
    return result;
  }

  #sayGoodbye(slot: number): void {
    this.bytes.set(DISCONNECT, this.#area);
    if (this.#send(slot, this.#area, DISCONNECT.length) < SEND_ON) return;
    this.#tally.counts[COUNT.up]! -= 1;
    this.#states[slot] = ENDING;
    this.#io.clearDeadline(slot);
    this.#io.finish(slot);
  }

  #lose(slot: number, kind: number, code: number): void {
    const state = this.#states[slot]!;
    if (state >= CLOSING || state === CLOSED) return;
    if (state !== ENDING) this.#tally.fail(kind, code);
    if (state === DIALLING || state === CONNECTING) this.#tally.counts[COUNT.refused]! += 1;
    this.#settle(slot);
    this.#close(slot);
  }

  #close(slot: number): void {
    const state = this.#states[slot]!;
    if (state >= CLOSING) return;
    if (state === DIALLING || state === CONNECTING) this.#opening--;
    this.#states[slot] = CLOSING;
    if (state === UP) {
      this.#tally.counts[COUNT.up]! -= 1;
      this.traffic.onGone(slot);
    }
    this.#io.close(slot);
  }

  #settle(slot: number): void {
    if (this.#isSettled[slot] !== 0) return;
    this.#isSettled[slot] = 1;
    this.#tally.counts[COUNT.settled]! += 1;
  }

  // A new array for each CONNECT: the one thing that is allocated, once a connection.
  #clientId(slot: number): Uint8Array {
    const number = this.#order.firstNumber + slot * this.#order.numberStep;
    return encodeText(clientIdOf(this.#order.clientId, number));
  }
}

/** Bytes of the arena that the clients themselves take. */
export function clientsAreaSize(order: LoadOrder): number {
  const last = order.firstNumber + order.connectionCount * order.numberStep;
  const id = encodeText(clientIdOf(order.clientId, last));
  return Math.max(connectWriter(order).sizeOf(id.length), ACKNOWLEDGE_SIZE);
}

function connectWriter(order: LoadOrder): ConnectWriter {
  const { level, cleanStart, keepAliveSeconds, userName, password } = order;
  return new ConnectWriter({ level, cleanStart, keepAliveSeconds, userName, password });
}
