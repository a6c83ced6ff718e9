// What a load thread is started with. Afterwards shared memory is all there is between the threads:
// a load thread ends when the phase says so.

import type { LoadOrder } from "./load-order.ts";
import type { LoadBuffers } from "./load-tally.ts";

/** `workerData` of a load thread. */
export interface LoadStart {
  /** This thread's row of the tally, from 0. */
  readonly thread: number;
  readonly order: LoadOrder;
  readonly buffers: LoadBuffers;
  readonly reactor: "auto" | "epoll" | "io_uring";
  /** An eventfd, which reactors must have; nobody rings it. */
  readonly wakeFd: number;
}

/** What a load thread posts once, before its first turn. */
export interface LoadReady {
  readonly reactor: "epoll" | "io_uring";
}
