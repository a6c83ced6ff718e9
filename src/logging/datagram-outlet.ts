// Messages as datagrams, one each: over UDP, or to a Unix socket such as /dev/log.
//
// A send either happens at once or not at all. A receiver that is behind (Unix sockets alone tell)
// is asked again a little later; one that is gone is looked for again, ever more seldom. Bounded by
// QUEUE_BYTES_MAX.

import { errno, errnoName } from "../linux/abi.ts";
import { closeSender, sendDatagram } from "../linux/datagram.ts";
import { Backoff } from "./backoff.ts";
import { MessageQueue } from "./message-queue.ts";
import { type Outlet, type OutletStatus, QUEUE_BYTES_MAX } from "./outlet.ts";
import { problemOfCode, problemOfError } from "./outlet-problem.ts";

/** How soon a receiver that is behind is asked again. */
const FULL_PAUSE_MS = 20;
const NO_FD = -1;
/** After so many messages that nobody refused, nothing is wrong any more. */
const CALM = 3;

export interface DatagramOutletOptions {
  /** @returns an fd of linux/datagram.ts, or a negative errno; rejects when a name is unknown */
  readonly open: () => Promise<number>;
  /** Whether -ECONNREFUSED tells of an earlier datagram, as UDP has it, and the socket goes on. */
  readonly survivesRefusal: boolean;
}

export class DatagramOutlet implements Outlet {
  readonly #options: DatagramOutletOptions;
  readonly #queue = new MessageQueue(QUEUE_BYTES_MAX);
  readonly #backoff = new Backoff();
  #fd = NO_FD;
  #fullTimer: NodeJS.Timeout | null = null;
  #sentCount = 0;
  #refusedCount = 0;
  #problem: string | null = null;
  #isClosed = false;
  /** Messages sent since the last one that was refused or had to wait. */
  #calm = 0;
  /** Settled when the first attempt to open has ended. */
  readonly opened: Promise<void>;

  constructor(options: DatagramOutletOptions) {
    this.#options = options;
    this.opened = this.#open();
  }

  get status(): OutletStatus {
    return {
      sentCount: this.#sentCount,
      droppedCount: this.#queue.droppedCount + this.#refusedCount,
      problem: this.#problem,
    };
  }

  send(message: Uint8Array): void {
    if (this.#queue.push(message)) this.#flush();
  }

  reopen(): void {
    // A datagram needs no connection that could have moved; one that is gone is looked for anyway.
  }

  async close(patienceMs: number): Promise<void> {
    const untilMs = performance.now() + patienceMs;
    await this.opened;
    while (this.#queue.count > 0 && this.#fd !== NO_FD && performance.now() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, FULL_PAUSE_MS));
      this.#flush();
    }
    this.#isClosed = true;
    this.#backoff.stop();
    if (this.#fullTimer !== null) clearTimeout(this.#fullTimer);
    this.#queue.dropAll();
    this.#closeFd();
  }

  async #open(): Promise<void> {
    let result: number;
    try {
      result = await this.#options.open();
    } catch (error) {
      // A name without an address, today.
      this.#fail(problemOfError(error));
      return;
    }
    if (result < 0) {
      this.#fail(problemOfCode(errnoName(result)));
      return;
    }
    if (this.#isClosed) {
      closeSender(result);
      return;
    }
    this.#fd = result;
    this.#flush();
  }

  #flush(): void {
    if (this.#fd === NO_FD || this.#fullTimer !== null) return;
    for (let message = this.#queue.first; message !== null; message = this.#queue.first) {
      const result = sendDatagram(this.#fd, message);
      if (result >= 0) this.#sent();
      else if (result === -errno.EMSGSIZE) this.#refuse();
      else if (result === -errno.ECONNREFUSED && this.#options.survivesRefusal) {
        // The one before this was lost; asking has cleared that, and this one goes now.
        this.#refusedCount++;
        this.#sentCount--;
        this.#calm = 0;
        this.#problem = problemOfCode(errnoName(result));
      } else {
        this.#stumble(result);
        return;
      }
    }
  }

  #sent(): void {
    this.#queue.shift();
    this.#sentCount++;
    this.#backoff.reset();
    this.#calm++;
    if (this.#calm >= CALM) this.#problem = null;
  }

  // Longer than the receiver's socket takes.
  #refuse(): void {
    this.#queue.shift();
    this.#refusedCount++;
  }

  #stumble(result: number): void {
    if (result === -errno.EAGAIN || result === -errno.ENOBUFS) {
      this.#problem = "the receiver is behind";
      this.#calm = 0;
      this.#fullTimer = setTimeout(() => {
        this.#fullTimer = null;
        this.#flush();
      }, FULL_PAUSE_MS);
      this.#fullTimer.unref();
      return;
    }
    this.#closeFd();
    this.#fail(problemOfCode(errnoName(result)));
  }

  #fail(problem: string): void {
    this.#problem = problem;
    if (!this.#isClosed) this.#backoff.retry(() => void this.#open());
  }

  #closeFd(): void {
    if (this.#fd !== NO_FD) closeSender(this.#fd);
    this.#fd = NO_FD;
  }
}
