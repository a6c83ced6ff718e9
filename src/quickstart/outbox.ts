// Bytes on their way to one client's socket. What is sent during one turn of the event loop
// leaves in one write: a system call for each packet would cost more than the rest of the broker
// together. Bounded by its owner, who looks at `waiting` before adding to it.

import type { Duplex } from "node:stream";

/** Parts from this size on are handed to the socket as they are instead of being copied. */
const LARGE_BYTES = 8 * 1024;

/** Writes all outboxes with something in them, once, at the end of the turn. */
export class Flusher {
  #dirty: Outbox[] = [];

  add(outbox: Outbox): void {
    if (this.#dirty.length === 0) setImmediate(() => this.#flush());
    this.#dirty.push(outbox);
  }

  #flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const outbox of dirty) outbox.flush();
  }
}

export class Outbox {
  readonly #stream: Duplex;
  readonly #flusher: Flusher;
  readonly #onDrained: () => void;
  #parts: Buffer[] = [];
  #bytes = 0;

  /** @param onDrained called whenever the stream has room for more */
  constructor(stream: Duplex, flusher: Flusher, onDrained: () => void) {
    this.#stream = stream;
    this.#flusher = flusher;
    this.#onDrained = onDrained;
    stream.on("drain", onDrained);
  }

  /** Bytes that the kernel has not taken yet. */
  get waiting(): number {
    return this.#bytes + this.#stream.writableLength;
  }

  push(part: Buffer): void {
    if (this.#parts.length === 0) this.#flusher.add(this);
    this.#parts.push(part);
    this.#bytes += part.length;
  }

  flush(): void {
    const parts = this.#parts;
    if (parts.length === 0) return;
    this.#parts = [];
    this.#bytes = 0;
    if (!this.#stream.writable) return;
    if (parts.length === 1) this.#stream.write(parts[0]!);
    else this.#writeAll(parts);
    // A stream that was never full says nothing when it is empty.
    if (!this.#stream.writableNeedDrain) this.#onDrained();
  }

  // Runs of small parts become one buffer each; the kernel gets everything in one call.
  #writeAll(parts: readonly Buffer[]): void {
    this.#stream.cork();
    let start = 0;
    for (let i = 0; i <= parts.length; i++) {
      if (i < parts.length && parts[i]!.length < LARGE_BYTES) continue;
      if (i - start === 1) this.#stream.write(parts[start]!);
      else if (i > start) this.#stream.write(Buffer.concat(parts.slice(start, i)));
      if (i < parts.length) this.#stream.write(parts[i]!);
      start = i + 1;
    }
    this.#stream.uncork();
  }
}
