// The interface of an outlet: where messages leave the process. One that cannot take them keeps
// some, drops the rest and counts them; nobody ever waits for it.

export interface Outlet {
  /** Sends a message, or keeps it, or drops it; returns at once. */
  send(message: Uint8Array): void;
  readonly status: OutletStatus;
  /** Opens what may have moved: a file that was rotated. */
  reopen(): void;
  /** Sends what it can within `patienceMs`, then gives up. Nothing may be sent after that. */
  close(patienceMs: number): Promise<void>;
}

export interface OutletStatus {
  readonly sentCount: number;
  /** Messages that were lost as far as anybody here can know. */
  readonly droppedCount: number;
  /** Why nothing can be sent now; null: nothing is wrong. */
  readonly problem: string | null;
}

/** What waits for one receiver. */
export const QUEUE_BYTES_MAX = 1024 * 1024;
