// An echo server: the smallest thing that uses all of a reactor, to try the simulated one with.

import { END_OF_STREAM, type Io, type IoHandler, SEND_WAIT } from "../../src/io/io.ts";

export class Echo implements IoHandler {
  io!: Io;
  /** Called before each piece is sent back. */
  onPiece: (slot: number, offset: number, length: number) => void = () => {};
  /** Sockets that did not end in order. */
  brokenCount = 0;
  readonly #free: number[];
  /** Slots whose onSent is due. */
  readonly #waiting = new Set<number>();
  /** Slots whose client has ended. */
  readonly #ended = new Set<number>();

  constructor(socketsMax: number) {
    this.#free = Array.from({ length: socketsMax }, (_, i) => i);
  }

  onAccept(): number {
    return this.#free.pop() ?? -1;
  }

  onAccepted(slot: number): void {
    this.io.startReceiving(slot);
  }

  /** It is tried again. */
  onAcceptFailed(): void {}

  onConnect(): void {
    throw new Error("Cannot be connected: an echo server calls nobody");
  }

  onReceive(slot: number, offset: number, result: number): void {
    if (result < 0) {
      this.#break(slot);
    } else if (result === END_OF_STREAM) {
      this.#ended.add(slot);
      if (!this.#waiting.has(slot)) this.io.close(slot);
    } else {
      this.#sendBack(slot, offset, result);
    }
  }

  #sendBack(slot: number, offset: number, result: number): void {
    this.onPiece(slot, offset, result);
    const sent = this.io.send(slot, offset, result);
    if (sent < 0) this.#break(slot);
    if (sent !== SEND_WAIT) return;
    this.#waiting.add(slot);
    this.io.stopReceiving(slot);
  }

  onSent(slot: number, result: number): void {
    this.#waiting.delete(slot);
    if (result < 0) this.#break(slot);
    else if (this.#ended.has(slot)) this.io.close(slot);
    else this.io.startReceiving(slot);
  }

  onDeadline(): void {
    throw new Error("Cannot be late: an echo server sets no deadline");
  }

  onClosed(slot: number): void {
    this.#waiting.delete(slot);
    this.#ended.delete(slot);
    this.#free.push(slot);
  }

  onWake(): void {}

  #break(slot: number): void {
    this.brokenCount++;
    this.io.close(slot);
  }
}
