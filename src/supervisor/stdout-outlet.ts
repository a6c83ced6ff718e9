// Standard output as an outlet: a line each, written by Node's thread pool, so that a reader that
// stalls stalls nothing here.
//
// Bounded: beyond LOG_BUFFER_MAX bytes that nobody reads, lines are dropped and counted.

import pino from "pino";
import { exitAtOnce } from "../linux/libc.ts";
import type { Outlet, OutletStatus } from "../logging/outlet.ts";

const LOG_BUFFER_MAX = 8 * 1024 * 1024;

export class StdoutOutlet implements Outlet {
  private readonly destination: ReturnType<typeof pino.destination>;
  private readonly decoder = new TextDecoder();
  private sentCount = 0;
  private droppedCount = 0;

  constructor(fd: number) {
    this.destination = pino.destination({ fd, sync: false, maxLength: LOG_BUFFER_MAX });
    const onDropped = () => {
      this.droppedCount++;
      this.sentCount--;
    };
    this.destination.on("drop", onDropped);
    // A closed pipe must not end the balancer; there is nowhere left to say so.
    this.destination.on("error", onDropped);
  }

  get status(): OutletStatus {
    const { sentCount, droppedCount } = this;
    return { sentCount, droppedCount, problem: null };
  }

  send(message: Uint8Array): void {
    this.sentCount++;
    this.destination.write(`${this.decoder.decode(message)}\n`);
  }

  reopen(): void {
    // It is whoever started us that opened it.
  }

  close(patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const patience = setTimeout(() => {
        this.giveUp();
        resolve();
      }, patienceMs);
      this.destination.once("close", () => {
        clearTimeout(patience);
        resolve();
      });
      this.destination.end();
    });
  }

  // The thread that writes to a full pipe returns when somebody reads it, if ever. exit(3) waits
  // for that thread, and pino's own hook would write what is left, before it.
  private giveUp(): void {
    this.destination.destroy();
    process.once("exit", (code) => exitAtOnce(code));
  }
}
