// Messages on a stream of bytes: a TCP connection to a syslog receiver (RFC 6587), or a file.
//
// One batch is under way at a time; the rest waits here, bounded by QUEUE_BYTES_MAX, so that a
// receiver that hangs costs that much memory and nothing else. A stream that breaks is opened
// again, ever more seldom; the batch that was under way then counts as dropped.

import type { Writable } from "node:stream";
import { Backoff } from "./backoff.ts";
import { MessageQueue } from "./message-queue.ts";
import { type Outlet, type OutletStatus, QUEUE_BYTES_MAX } from "./outlet.ts";
import { problemOfError } from "./outlet-problem.ts";

const BATCH_BYTES_MAX = 64 * 1024;
const NEWLINE = 0x0a;

/** How messages are told apart (RFC 6587, 3.4.1 and 3.4.2). */
export type Framing = "octet-counting" | "newline";

export interface StreamOutletOptions {
  /** Begins to open; what comes back says so with `readyEvent`. */
  readonly open: () => Writable;
  readonly readyEvent: "connect" | "open";
  readonly framing: Framing;
}

export class StreamOutlet implements Outlet {
  readonly #options: StreamOutletOptions;
  readonly #queue = new MessageQueue(QUEUE_BYTES_MAX);
  readonly #backoff = new Backoff();
  #stream: Writable | null = null;
  #isReady = false;
  #underWay = 0;
  #sentCount = 0;
  #lostCount = 0;
  #problem: string | null = null;
  #isClosed = false;
  /** Called when nothing is left to send, or nothing can be. */
  #onIdle: (() => void) | null = null;

  constructor(options: StreamOutletOptions) {
    this.#options = options;
    this.#open();
  }

  get status(): OutletStatus {
    return {
      sentCount: this.#sentCount,
      droppedCount: this.#queue.droppedCount + this.#lostCount,
      problem: this.#problem,
    };
  }

  send(message: Uint8Array): void {
    if (this.#queue.push(message)) this.#flush();
  }

  reopen(): void {
    if (this.#isClosed || this.#underWay > 0) return;
    this.#stream?.end();
    this.#detach();
    this.#open();
  }

  async close(patienceMs: number): Promise<void> {
    await this.#untilIdle(patienceMs);
    this.#isClosed = true;
    this.#backoff.stop();
    this.#queue.dropAll();
    this.#lostCount += this.#underWay;
    const stream = this.#stream;
    this.#detach();
    if (stream === null) return;
    stream.on("error", ignore);
    await new Promise<void>((resolve) => {
      const patience = setTimeout(resolve, patienceMs);
      stream.end(() => {
        clearTimeout(patience);
        resolve();
      });
    });
    stream.destroy();
  }

  #untilIdle(patienceMs: number): Promise<void> {
    if (this.#isIdle) return Promise.resolve();
    return new Promise((resolve) => {
      const patience = setTimeout(resolve, patienceMs);
      this.#onIdle = () => {
        clearTimeout(patience);
        resolve();
      };
    });
  }

  get #isIdle(): boolean {
    return this.#underWay === 0 && this.#queue.count === 0;
  }

  #open(): void {
    const stream = this.#options.open();
    this.#stream = stream;
    stream.once(this.#options.readyEvent, () => {
      if (this.#stream !== stream) return;
      this.#isReady = true;
      this.#problem = null;
      this.#backoff.reset();
      this.#flush();
    });
    stream.once("error", (error) => this.#onBroken(stream, problemOfError(error)));
    stream.once("close", () => this.#onBroken(stream, "the receiver closed the connection"));
  }

  #onBroken(stream: Writable, problem: string): void {
    stream.on("error", ignore);
    if (this.#stream !== stream) return;
    this.#problem = problem;
    this.#lostCount += this.#underWay;
    this.#detach();
    stream.destroy();
    if (!this.#isClosed) this.#backoff.retry(() => this.#open());
  }

  #detach(): void {
    this.#stream = null;
    this.#isReady = false;
    this.#underWay = 0;
  }

  #flush(): void {
    const stream = this.#stream;
    if (stream === null || !this.#isReady || this.#underWay > 0) return;
    const batch = this.#queue.shiftBatch(BATCH_BYTES_MAX);
    if (batch.length === 0) {
      this.#onIdle?.();
      return;
    }
    this.#underWay = batch.length;
    stream.write(frame(batch, this.#options.framing), (error) => {
      // Then `error` or `close` tells the rest.
      if (error || this.#stream !== stream) return;
      this.#sentCount += batch.length;
      this.#underWay = 0;
      this.#flush();
    });
  }
}

function ignore(): void {
  // A stream that was given up has nothing more to tell.
}

function frame(batch: readonly Uint8Array[], framing: Framing): Uint8Array {
  const parts = batch.flatMap((message) =>
    framing === "newline"
      ? [message, Uint8Array.of(NEWLINE)]
      : [new TextEncoder().encode(`${message.length} `), message],
  );
  return Buffer.concat(parts);
}
