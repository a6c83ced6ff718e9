// What the data plane may ask of the kernel, and what it is told in return.
//
// The caller asks, the reactor completes: every request is followed by at most one callback, and
// callbacks come only from inside `turn`, never from inside a request. Implementations: epoll-io.ts
// here, uring-io.ts, and the simulated one of the tests. All three pass
// tests/contract/io.contract.ts.
//
// Sockets are named by slots that the caller chooses, 0 to socketsMax - 1. A slot is in use from
// `onAccept` or `connect` until `onClosed`; the caller must not use it again before that.
//
// Bytes live in one arena. A position is an offset into `bytes`; nothing on the data plane holds a
// Buffer. Bytes given to `onReceive` are the caller's only until that callback returns; bytes given
// to `send` are the caller's again as soon as `send` returns.

import type { Endpoint } from "../bytes/endpoint.ts";
import type { TcpKeepAlive } from "../linux/socket.ts";
import type { SlabPool } from "./slab-pool.ts";

/**
 * What `send` answers. Anything below zero is a negative errno and the socket is of no more use.
 */
export const SEND_ON = 0;
/** The bytes were taken; until `onSent`, more would pile up: the peer is slower than we. */
export const SEND_WAIT = 1;

/** The peer closed its direction; the value `onReceive` gets instead of a length. */
export const END_OF_STREAM = 0;

/** A socket address as the kernel wants it, kept in the arena so that it can be used again. */
export interface ArenaAddress {
  /** Where the struct sockaddr starts in `Io.bytes`. */
  readonly offset: number;
  /** Its length in bytes. */
  readonly length: number;
  /** What its connections are kept alive by; without it the kernel asks nobody. */
  readonly keepAlive?: TcpKeepAlive | null;
}

export interface Io {
  /** The arena: received bytes, pooled slabs and socket addresses. */
  readonly bytes: Uint8Array;
  /** The address of `bytes[0]`, for libraries that are handed memory; 0 where it has none. */
  readonly address: number;
  readonly socketsMax: number;
  /** Free slabs of the arena, for callers that must keep bytes (a CONNECT while it dials). */
  readonly pool: SlabPool;
  /** Milliseconds of a monotonic clock, read once a turn; what deadlines are compared with. */
  readonly now: number;
  /** Where the caller may put bytes together, for as long as one callback runs. */
  readonly scratchOffset: number;
  readonly scratchSize: number;
  /**
   * Where bytes are taken out of frames and records or put into them, for as long as one callback
   * runs; as large as the caller asked for when it made the arena.
   */
  readonly transportOffset: number;
  /**
   * While onReceive runs: true when END_OF_STREAM is known to come next, so that what is sent on
   * may wait for the FIN behind it (`send` with `more`). False tells nothing.
   */
  readonly endFollows: boolean;

  /** Starts accepting on a listening, non-blocking socket. The fd stays the caller's. */
  listen(listener: number, fd: number): void;
  /** Stops accepting and forgets the fd, which the caller may close afterwards. */
  unlisten(listener: number): void;
  /** Leaves new connections in the kernel's backlog until `resumeAccepting`. */
  pauseAccepting(listener: number): void;
  resumeAccepting(listener: number): void;
  /**
   * Whether a pause of this listener leaves its clients in the backlog, but for a few: accepting
   * costs more then. Off until asked for; to be asked before `listen`, or at any time.
   */
  acceptFew(listener: number, few: boolean): void;

  /** Keeps a server's address in the arena until `releaseAddress`. */
  keepAddress(endpoint: Endpoint): ArenaAddress;
  releaseAddress(address: ArenaAddress): void;

  /**
   * Opens a connection on a free slot. `onConnect` follows, also for a failure that the kernel
   * reports at once. Receiving is off until `startReceiving`.
   * @param source the address to connect from, with port 0; without it the kernel chooses. It may
   *   be released as soon as this returns
   * @param manner FOREIGN_SOURCE, SPEAKS_FIRST (linux/dial-manner.ts)
   */
  connect(slot: number, address: ArenaAddress, source?: ArenaAddress, manner?: number): void;

  /** Turns `onReceive` on. An accepted or connected socket starts with it off. */
  startReceiving(slot: number): void;
  /** Turns `onReceive` off, at once: no further call comes, bytes wait in the kernel. */
  stopReceiving(slot: number): void;

  /**
   * Hands bytes of the arena over, in order, to a connected socket. All of them are taken or, on a
   * negative errno (-ENOBUFS: the pool ran dry), the socket must be closed.
   * @param more bytes follow soon, so that the kernel may put both into one segment (MSG_MORE); it
   *   waits for them at most a fifth of a second
   * @returns SEND_ON, SEND_WAIT or a negative errno
   */
  send(slot: number, offset: number, length: number, more?: boolean): number;
  /**
   * Asks whether what is made of a piece of received bytes may lie in its place, from where `send`
   * takes it without a copy. The piece must be the end of what is being delivered.
   * @returns how many bytes from `offset` on may be written to, more than `length`; 0: none
   */
  roomAt(offset: number, length: number): number;
  /**
   * Asks whether everything handed to `send` has left: with SEND_ON it may still be on its way.
   * @returns SEND_ON when it has; SEND_WAIT when it has not, and then `onSent` follows
   */
  flush(slot: number): number;
  /** Ends our direction (FIN) once everything handed to `send` has left. */
  finish(slot: number): void;
  /** Closes; what has not left is dropped. Only `onClosed` follows. */
  close(slot: number): void;
  /** Closes with a reset (RST), so that the peer learns at once that something went wrong. */
  reset(slot: number): void;
  /**
   * Closes and tells the peer nothing, neither FIN nor RST, so that it has to find out by itself;
   * with a reset where the kernel does not allow that (TCP_REPAIR wants CAP_NET_ADMIN).
   */
  drop(slot: number): void;

  /**
   * Asks for `onDeadline` at `atMs` of `now`'s clock, instead of any earlier wish for this slot.
   */
  setDeadline(slot: number, atMs: number): void;
  clearDeadline(slot: number): void;

  /** Writes the peer's address and port as an endpoint (bytes/endpoint.ts) into `target`. */
  readPeer(slot: number, target: Uint8Array, at: number): void;
  /** The same, from inside `onAccept`, for the client that is there and has no slot yet. */
  readArrival(target: Uint8Array, at: number): void;
  /** Writes our own address and port of a socket in the same form; zeros when it has none. */
  readLocal(slot: number, target: Uint8Array, at: number): void;

  /** Waits for at most `waitMs` (-1: until something happens), then runs what has completed. */
  turn(waitMs: number): void;
  /** Releases what the reactor itself holds. Every slot must be closed before. */
  destroy(): void;
}

/** Told by the reactor, from inside `turn` only. */
export interface IoHandler {
  /** A client is there. Answer with a free slot for it, or with -1 to have it closed unheard. */
  onAccept(listener: number): number;
  /** The client has the slot that onAccept answered with, and is connected. */
  onAccepted(slot: number, listener: number): void;
  /** Accepting failed (-EMFILE, -ENFILE, -ENOMEM, ...). Pause, or it is tried again next turn. */
  onAcceptFailed(listener: number, result: number): void;
  /** `result` is 0, or a negative errno; then the slot must be closed. */
  onConnect(slot: number, result: number): void;
  /** `result` bytes at `offset`; END_OF_STREAM (once); or a negative errno (once). */
  onReceive(slot: number, offset: number, result: number): void;
  /**
   * After SEND_WAIT: everything has left (`result` 0). At any time: bytes that were taken could not
   * be sent after all (negative errno); then the socket must be closed.
   */
  onSent(slot: number, result: number): void;
  onDeadline(slot: number): void;
  /** The slot may be used again. */
  onClosed(slot: number): void;
  /** Another thread rang the reactor's eventfd. */
  onWake(): void;
}
