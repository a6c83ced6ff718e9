// What a reactor on real sockets is made with: the same for epoll and io_uring.

import type { ArenaSizes } from "./arena.ts";
import type { Io } from "./io.ts";

export interface SocketIoOptions {
  readonly socketsMax: number;
  readonly listenersMax: number;
  readonly arena: ArenaSizes;
  /** Rung by other threads; the fd stays the caller's. */
  readonly wakeFd: number;
  /** Milliseconds of a monotonic clock. */
  readonly clock: () => number;
  /**
   * The fd of each slot, -1 when it has none, and behind them the reactor's own; shared, so that a
   * dead worker's can be closed.
   */
  readonly fds?: Int32Array;
}

/** A reactor on real sockets. */
export interface SocketIo extends Io {
  /** Deadlines that are set now. */
  readonly deadlineCount: number;
  /** Events that came for a socket that was closed since, and were dropped. */
  readonly staleEvents: number;
}
