// What the control plane and a worker say to each other over their MessagePort. A worker blocks in
// its own loop: after posting, the control plane rings the worker's eventfd, and the worker reads
// with receiveMessageOnPort. Live facts are not here: they are words in shared memory.

import type { MessagePort } from "node:worker_threads";
import type { Plan, TlsListenerPlan } from "./plan.ts";
import type { SharedBuffers } from "./shared-state.ts";

/** `workerData` of a data-plane thread. */
export interface WorkerStart {
  /** This worker's row in shared memory, from 0. A replacement takes over the row of the dead. */
  readonly worker: number;
  readonly port: MessagePort;
  readonly shared: SharedBuffers;
  /** An eventfd (EFD_NONBLOCK) that the control plane rings. */
  readonly wakeFd: number;
  readonly reactor: "auto" | "epoll" | "io_uring";
  /** Connections this worker holds at most; each has two sockets. */
  readonly connectionsMax: number;
  readonly listenersMax: number;
  readonly serversMax: number;
  /** Bytes that wait for slow readers, at most, in this worker. */
  readonly bufferMemoryBytes: number;
  /** 2 * connectionsMax int32: the fd of each socket, so that a dead worker's can be closed. */
  readonly fds: SharedArrayBuffer;
  /** What the control plane sees of open connections: `createConnectionColumns`. */
  readonly columns: SharedArrayBuffer;
  /** Which client ids are connected to any worker: `createConnectedIds`. */
  readonly connectedIds: SharedArrayBuffer;
  /** Wall clock minus process.hrtime, in ms: for the timestamps of the access log. */
  readonly wallClockOffsetMs: number;
  readonly seed: number;
  /** Keys that this worker's connections track (rules/tracked-slots.ts). */
  readonly tracked: SharedArrayBuffer;
}

/** One connection; who has its row when the serial is another one is somebody else. */
export interface ConnectionPlace {
  readonly connection: number;
  readonly serial: number;
}

/** Whose packets are shown, where. */
export interface TraceOrder {
  /** This worker's own: `createTraceRing`; the same in every order. */
  readonly ring: SharedArrayBuffer;
  /** None: nobody's. */
  readonly clientIds: readonly Uint8Array[];
  /** Bytes of each packet that are shown, at most TRACE_KEEP_MAX. */
  readonly keepMax: number;
}

export type ToWorker =
  | { readonly type: "plan"; readonly plan: Plan }
  /** A listener's certificates were renewed: new handshakes get these. */
  | { readonly type: "tls"; readonly listener: number; readonly tls: TlsListenerPlan }
  /** 80 bytes each: the first one encrypts session tickets, all of them decrypt. */
  | { readonly type: "ticket-keys"; readonly keys: readonly Uint8Array[] }
  /** The operator ends these connections; those that have ended already are passed over. */
  | { readonly type: "end"; readonly places: readonly ConnectionPlace[] }
  /** From here on the packets of these clients are shown, and no others. */
  | { readonly type: "trace"; readonly order: TraceOrder }
  /** Say so at once: whoever asks wants to know whether the loop turns. */
  | { readonly type: "echo" }
  /** Close the listeners, end connections cleanly and spread over `graceMs`, then stop. */
  | { readonly type: "stop"; readonly graceMs: number };

export type FromWorker =
  /**
   * Listening starts with the first plan. `note` says why the reactor is not the one wished for;
   * `thread` is the kernel's number of it.
   */
  | {
      readonly type: "ready";
      readonly reactor: "epoll" | "io_uring";
      readonly note: string | null;
      readonly thread: number;
    }
  /** New connections get this plan or a later one, and listeners it has not are closed. */
  | { readonly type: "plan-applied"; readonly generation: number }
  /** No connection needs a plan before this one any more. */
  | { readonly type: "oldest-plan"; readonly generation: number }
  | { readonly type: "problem"; readonly message: string }
  /** The answer to `echo`. */
  | { readonly type: "echo" }
  | { readonly type: "stopped" };
