// Wakes a worker that blocks in its own event loop: an eventfd in its poll set (eventfd(2)).
//
// Ringing twice before the worker has looked is ringing once: nothing is counted or lost.

import { EFD_CLOEXEC, EFD_NONBLOCK, errno, errnoName } from "../linux/abi.ts";
import { close, eventfd, write } from "../linux/libc.ts";
import { mapMemory } from "../linux/native-memory.ts";

// What is written to an eventfd: a 64-bit 1, in memory that the kernel can reach.
const one = mapMemory(8);
one.bytes[0] = 1;

export class WakeBell {
  readonly fd: number;

  constructor() {
    this.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (this.fd < 0) throw new Error(`Cannot make an eventfd: ${errnoName(this.fd)}`);
  }

  ring(): void {
    const result = write(this.fd, one.address, one.size);
    // EAGAIN: the counter is at its end, so the worker has been rung often enough.
    if (result < 0 && result !== -errno.EAGAIN) {
      throw new Error(`Cannot wake a worker: ${errnoName(result)}`);
    }
  }

  /** Only once no thread waits on it any more. */
  close(): void {
    close(this.fd);
  }
}
