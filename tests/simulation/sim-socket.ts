// One end of a simulated connection, with the manners of a non-blocking Linux socket: results are
// lengths, 0 for the end, or a negative errno.

import type { Endpoint } from "../../src/bytes/endpoint.ts";
import type { Dice, Faults } from "./faults.ts";
import { SimPipe } from "./sim-pipe.ts";

const EAGAIN = 11;
const EPIPE = 32;
const ECONNRESET = 104;
const ENOTCONN = 107;
const ETIMEDOUT = 110;

export const WOULD_BLOCK = -EAGAIN;

/** What a socket needs of the network it is in. */
export interface SocketNetwork {
  readonly now: number;
  readonly dice: Dice;
  readonly faults: Faults;
  after(delayMs: number, run: () => void): void;
  at(atMs: number, run: () => void): void;
  drawLatency(): number;
}

/** Told from inside the network's events, never from inside a call. */
export interface SocketWatcher {
  /** 0, or the negative errno of a connect that failed. */
  onConnected?: (result: number) => void;
  /** Bytes, an end or an error can be received. */
  onReadable?: () => void;
  /** There is room again after a send that took less than it was given, or the socket broke. */
  onWritable?: () => void;
}

export class SimSocket {
  watcher: SocketWatcher;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  closed = false;
  /** What the owner likes to know it by, in traces. */
  name = "";
  /** When bytes last moved into or out of this end. */
  movedAtMs: number;
  readonly #network: SocketNetwork;
  #peer: SimSocket | null = null;
  #incoming: SimPipe;
  /** Bytes and ends arrive in order: nothing arrives before this time. */
  #lastArrivalMs = 0;
  #endArrived = false;
  #finished = false;
  #error = 0;
  /** A reset came, or a connect failed: nothing moves any more. */
  #broken = false;
  #wantsRoom = false;

  constructor(network: SocketNetwork, local: Endpoint, remote: Endpoint, watcher: SocketWatcher) {
    this.#network = network;
    this.local = local;
    this.remote = remote;
    this.watcher = watcher;
    this.movedAtMs = network.now;
    const { bufferMin, bufferMax } = network.faults;
    this.#incoming = new SimPipe(network.dice.between(bufferMin, bufferMax));
  }

  get connected(): boolean {
    return this.#peer !== null;
  }

  /** True when `receive` would not answer WOULD_BLOCK. */
  get readable(): boolean {
    return this.#incoming.readable > 0 || this.#endArrived || this.#broken;
  }

  /** Bytes have come that nobody has received: a close would be a reset. */
  get holdsUnread(): boolean {
    return this.#incoming.readable > 0;
  }

  /** True when `send` would not answer WOULD_BLOCK. */
  get writable(): boolean {
    return this.#broken || this.#peer === null || this.#peer.#incoming.room > 0;
  }

  /** The network's: connects this end with the far one. */
  join(far: SimSocket): void {
    this.#peer = far;
    far.#peer = this;
    this.watcher.onConnected?.(0);
  }

  /** The network's: a connect came to nothing. */
  fail(result: number): void {
    if (this.closed) return;
    this.#broken = true;
    this.watcher.onConnected?.(result);
  }

  receive(target: Uint8Array, offset: number, max: number): number {
    if (this.#incoming.readable > 0) {
      const count = this.#incoming.take(target, offset, max);
      this.movedAtMs = this.#network.now;
      this.#tellRoom();
      return count;
    }
    if (this.#error !== 0) return this.#takeError();
    return this.#endArrived || this.#broken ? 0 : WOULD_BLOCK;
  }

  send(source: Uint8Array, offset: number, length: number): number {
    if (this.#error !== 0) return this.#takeError();
    if (this.#broken || this.#finished) return -EPIPE;
    const peer = this.#peer;
    if (peer === null) return -ENOTCONN;
    const count = Math.min(length, peer.#incoming.room);
    if (count < length) this.#wantsRoom = true;
    if (count === 0) return length === 0 ? 0 : WOULD_BLOCK;
    peer.#incoming.put(source, offset, count);
    this.movedAtMs = this.#network.now;
    this.#carry(peer, count);
    return count;
  }

  /** Sends our end behind what was sent. */
  shutdown(): void {
    if (this.#finished || this.#broken || this.#peer === null) return;
    this.#finished = true;
    const peer = this.#peer;
    this.#network.at(this.#arrivalMs(), () => peer.#arriveEnd());
  }

  /** Closes as close(2): our end goes out, or a reset when bytes lie here unread. */
  close(): void {
    if (this.closed) return;
    if (this.#incoming.readable > 0) this.reset();
    else this.shutdown();
    this.closed = true;
    this.watcher = {};
  }

  reset(): void {
    if (this.closed) return;
    this.closed = true;
    this.watcher = {};
    const peer = this.#peer;
    if (peer === null || this.#broken) return;
    this.#broken = true;
    this.#error = -ECONNRESET;
    // Overtakes what is on its way, or comes behind it.
    const { dice } = this.#network;
    const overtakes = dice.chance(this.#network.faults.hardResets);
    const atMs = overtakes ? this.#network.now + this.#network.drawLatency() : this.#arrivalMs();
    this.#network.at(atMs, () => peer.#arriveReset());
  }

  #carry(peer: SimSocket, length: number): void {
    const { dice, faults } = this.#network;
    let left = length;
    while (left > 0) {
      const part = dice.chance(faults.splitSegments) ? 1 + dice.below(Math.min(left, 100)) : left;
      const isLast = dice.chance(faults.resets);
      this.#network.at(this.#arrivalMs(), () => {
        if (isLast) this.#breakDown(peer);
        else peer.#arrive(part);
      });
      left -= part;
    }
  }

  #arrivalMs(): number {
    const atMs = this.#network.now + this.#network.drawLatency();
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, atMs);
    return this.#lastArrivalMs;
  }

  // The path between both ends is gone: each hears of it in its own time.
  #breakDown(peer: SimSocket): void {
    const { dice, faults } = this.#network;
    const error = dice.chance(faults.timedOutPaths) ? -ETIMEDOUT : -ECONNRESET;
    this.#network.after(this.#network.drawLatency(), () => this.#arriveReset(error));
    peer.#arriveReset(error);
  }

  #arrive(length: number): void {
    if (this.#broken && !this.closed) return;
    this.#incoming.arrive(length);
    if (!this.closed) {
      this.watcher.onReadable?.();
      return;
    }
    this.#incoming.dropReadable();
    const peer = this.#peer!;
    this.#network.after(this.#network.drawLatency(), () => peer.#arriveReset());
  }

  #arriveEnd(): void {
    if (this.closed || this.#broken) return;
    this.#endArrived = true;
    this.watcher.onReadable?.();
  }

  #arriveReset(error = -ECONNRESET): void {
    if (this.closed || this.#broken) return;
    this.#broken = true;
    this.#error = error;
    if (this.#network.dice.chance(this.#network.faults.hardResets)) this.#incoming.dropReadable();
    this.watcher.onReadable?.();
    this.watcher.onWritable?.();
  }

  #tellRoom(): void {
    const peer = this.#peer;
    if (peer === null || !peer.#wantsRoom) return;
    peer.#wantsRoom = false;
    this.#network.after(this.#network.drawLatency(), () => {
      if (!peer.closed) peer.watcher.onWritable?.();
    });
  }

  #takeError(): number {
    const error = this.#error;
    this.#error = 0;
    return error;
  }
}
