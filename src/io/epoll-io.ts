// The reactor on epoll: readiness turned into completions.
//
// Each socket is registered once, edge-triggered for both directions, and never modified. What an
// edge said is remembered as a flag until the kernel answers EAGAIN or gives less than was asked
// for. A send is tried at once; only what the kernel did not take is copied.
//
// Bounded by socketsMax, listenersMax and the arena; EVENTS_PER_TURN keeps a busy source from
// starving the others.

import { assert } from "../assert.ts";
import type { Endpoint } from "../bytes/endpoint.ts";
import {
  EPOLLERR,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  errno,
  errnoName,
  MSG_MORE,
  MSG_NOSIGNAL,
  SHUT_WR,
} from "../linux/abi.ts";
import { recv, send, shutdown } from "../linux/libc.ts";
import { mapMemory, type NativeMemory, unmapMemory } from "../linux/native-memory.ts";
import {
  dial,
  localEndpoint,
  peerEndpoint,
  resetOnClose,
  setKeepAlive,
  silenceOnClose,
  takeSocketError,
} from "../linux/socket.ts";
import { Arena, arenaSize } from "./arena.ts";
import { closeDescriptor } from "./close-descriptor.ts";
import { Epoll } from "./epoll.ts";
import { EpollAcceptor, LISTENER_KEYS } from "./epoll-acceptor.ts";
import {
  CLOSING,
  CONNECTING,
  ENDED,
  FINISH_OWED,
  HUNG_UP,
  IN_USE,
  QUEUED,
  READABLE,
  RECEIVING,
  SEND_OWED,
} from "./epoll-flags.ts";
import { type ArenaAddress, END_OF_STREAM, type IoHandler, SEND_ON, SEND_WAIT } from "./io.ts";
import type { SlabPool } from "./slab-pool.ts";
import { SlabQueues } from "./slab-queues.ts";
import { SlotQueue } from "./slot-queue.ts";
import type { SocketIo, SocketIoOptions } from "./socket-io-options.ts";
import { TimerWheel } from "./timer-wheel.ts";

/** Bytes asked of the kernel at a time: as much as fits a core's second-level cache with room. */
const RECEIVE_SIZE = 64 * 1024;
/** Enough to amortise the system call; few enough for the event array to stay in cache. */
const EVENTS_PER_TURN = 512;

const TRIGGERS = (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET) >>> 0;
const TROUBLE = EPOLLERR | EPOLLHUP;

const NO_SLOT = -1;

// What an event is for, in its 32-bit key: a slot, a listener (from LISTENER_KEYS on), or this.
const WAKE_KEY = 0xffffffff;

export class EpollIo implements SocketIo {
  readonly bytes: Uint8Array;
  readonly address: number;
  readonly pool: SlabPool;
  readonly arena: Arena;
  readonly socketsMax: number;
  readonly scratchOffset: number;
  readonly scratchSize: number;
  readonly transportOffset: number;
  endFollows = false;
  now: number;
  /** What the kernel takes at once is sent from anywhere, and the rest is copied. */
  readonly roomAt = () => 0;
  /** Events that came for a socket that was closed since. */
  staleEvents = 0;

  readonly #handler: IoHandler;
  readonly #clock: () => number;
  readonly #memory: NativeMemory;
  readonly #receiveAddress: number;
  readonly #epoll: Epoll;
  readonly #acceptor: EpollAcceptor;
  /** The slot whose client came last and is being announced, or NO_SLOT. */
  #accepted = NO_SLOT;
  readonly #timers: TimerWheel;
  readonly #queues: SlabQueues;
  readonly #ready: SlotQueue;
  readonly #closing: SlotQueue;
  readonly #fds: Int32Array;
  readonly #flags: Uint16Array;
  readonly #generations: Uint32Array;
  readonly #connectResults: Int16Array;

  constructor(handler: IoHandler, options: SocketIoOptions) {
    const { socketsMax, listenersMax } = options;
    this.#handler = handler;
    this.#clock = options.clock;
    this.now = options.clock();
    this.socketsMax = socketsMax;
    this.#memory = mapMemory(arenaSize(options.arena, RECEIVE_SIZE));
    this.bytes = this.#memory.bytes;
    this.address = this.#memory.address;
    this.arena = new Arena(this.bytes, options.arena, RECEIVE_SIZE);
    this.pool = this.arena.pool;
    this.scratchOffset = this.arena.scratchOffset;
    this.scratchSize = options.arena.scratchSize;
    this.transportOffset = this.arena.transportOffset;
    this.#receiveAddress = this.address + this.arena.receiveOffset;
    this.#epoll = new Epoll(EVENTS_PER_TURN, process.arch);
    this.#acceptor = new EpollAcceptor(this.#epoll, listenersMax, {
      onDescriptor: (listener, fd) => this.#adopt(listener, fd),
      onAcceptFailed: (listener, result) => handler.onAcceptFailed(listener, result),
    });
    this.#timers = new TimerWheel(socketsMax, this.now);
    this.#queues = new SlabQueues(this.bytes, this.pool, socketsMax);
    this.#ready = new SlotQueue(2 * socketsMax);
    this.#closing = new SlotQueue(socketsMax);
    this.#fds = (options.fds ?? new Int32Array(socketsMax)).fill(-1);
    this.#flags = new Uint16Array(socketsMax);
    this.#generations = new Uint32Array(socketsMax);
    this.#connectResults = new Int16Array(socketsMax);
    this.#fds[socketsMax] = this.#epoll.fd;
    const result = this.#epoll.watch(options.wakeFd, (EPOLLIN | EPOLLET) >>> 0, WAKE_KEY, 0);
    if (result < 0) throw new Error(`Cannot watch the wake-up descriptor: ${errnoName(result)}`);
  }

  get deadlineCount(): number {
    return this.#timers.count;
  }

  listen(listener: number, fd: number): void {
    this.#acceptor.listen(listener, fd);
  }

  unlisten(listener: number): void {
    this.#acceptor.unlisten(listener);
  }

  pauseAccepting(listener: number): void {
    this.#acceptor.pause(listener);
  }

  resumeAccepting(listener: number): void {
    this.#acceptor.resume(listener);
  }

  /** A pause leaves all of them there as it is. */
  acceptFew(): void {}

  keepAddress(endpoint: Endpoint): ArenaAddress {
    return this.arena.keepAddress(endpoint);
  }

  releaseAddress(address: ArenaAddress): void {
    this.arena.releaseAddress(address);
  }

  connect(slot: number, address: ArenaAddress, source?: ArenaAddress, manner = 0): void {
    assert(this.#flags[slot] === 0, "a slot in use is not connected again");
    this.#flags[slot] = IN_USE | CONNECTING;
    const family = this.bytes[address.offset]!;
    const from = source === undefined ? 0 : this.address + source.offset;
    const fd = dial(family, this.address + address.offset, address.length, from, manner);
    if (fd >= 0) this.#fds[slot] = fd;
    if (fd >= 0 && address.keepAlive) setKeepAlive(fd, address.keepAlive);
    const result = fd < 0 ? fd : this.#registerSlot(slot, fd);
    if (result === 0) return;
    this.#connectResults[slot] = result;
    this.#enqueue(slot);
  }

  startReceiving(slot: number): void {
    this.#assertOpen(slot);
    const flags = this.#flags[slot]! | RECEIVING;
    this.#flags[slot] = flags;
    if ((flags & (READABLE | ENDED)) === READABLE) this.#enqueue(slot);
  }

  stopReceiving(slot: number): void {
    this.#flags[slot] = this.#flags[slot]! & ~RECEIVING;
  }

  send(slot: number, offset: number, length: number, more = false): number {
    this.#assertOpen(slot);
    let sent = 0;
    if (this.#queues.isEmpty(slot)) {
      const flags = more ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL;
      sent = send(this.#fds[slot]!, this.address + offset, length, flags);
      if (sent === length) return SEND_ON;
      if (sent < 0) {
        if (sent !== -errno.EAGAIN) return sent;
        sent = 0;
      }
    }
    if (!this.#queues.append(slot, offset + sent, length - sent)) return -errno.ENOBUFS;
    this.#flags[slot] = this.#flags[slot]! | SEND_OWED;
    return SEND_WAIT;
  }

  flush(slot: number): number {
    this.#assertOpen(slot);
    return this.#queues.isEmpty(slot) ? SEND_ON : SEND_WAIT;
  }

  finish(slot: number): void {
    this.#assertOpen(slot);
    if (this.#queues.isEmpty(slot)) shutdown(this.#fds[slot]!, SHUT_WR);
    else this.#flags[slot] = this.#flags[slot]! | FINISH_OWED;
  }

  close(slot: number): void {
    const flags = this.#flags[slot]!;
    assert((flags & IN_USE) !== 0, "only a slot in use is closed");
    if ((flags & CLOSING) !== 0) return;
    this.#flags[slot] = IN_USE | CLOSING;
    this.#timers.clear(slot);
    this.#queues.clear(slot);
    this.#closing.push(slot);
  }

  reset(slot: number): void {
    if ((this.#flags[slot]! & CLOSING) === 0 && this.#fds[slot] !== -1) {
      resetOnClose(this.#fds[slot]!);
    }
    this.close(slot);
  }

  drop(slot: number): void {
    if ((this.#flags[slot]! & CLOSING) === 0 && this.#fds[slot] !== -1) {
      silenceOnClose(this.#fds[slot]!);
    }
    this.close(slot);
  }

  setDeadline(slot: number, atMs: number): void {
    const flags = this.#flags[slot]! & (IN_USE | CLOSING);
    assert(flags === IN_USE, "only a slot in use has a deadline");
    this.#timers.set(slot, atMs);
  }

  clearDeadline(slot: number): void {
    this.#timers.clear(slot);
  }

  readPeer(slot: number, target: Uint8Array, at: number): void {
    if (slot === this.#accepted) this.#acceptor.readArrival(target, at);
    else peerEndpoint(this.#fds[slot]!, target, at);
  }

  readArrival(target: Uint8Array, at: number): void {
    this.#acceptor.readArrival(target, at);
  }

  readLocal(slot: number, target: Uint8Array, at: number): void {
    localEndpoint(this.#fds[slot]!, target, at);
  }

  turn(waitMs: number): void {
    const count = this.#epoll.wait(this.#waitFor(waitMs));
    this.now = this.#clock();
    const ready = this.#ready.length;
    for (let i = 0; i < count; i++) this.#runEvent(i);
    for (let i = 0; i < ready; i++) this.#runReady(this.#ready.shift());
    this.#timers.advance(this.now, this.#handler);
    for (let left = this.#closing.length; left > 0; left--) {
      this.#finishClosing(this.#closing.shift());
    }
  }

  destroy(): void {
    this.#epoll.destroy();
    this.#fds[this.socketsMax] = -1;
    this.#acceptor.destroy();
    unmapMemory(this.#memory);
  }

  #waitFor(waitMs: number): number {
    if (this.#ready.length > 0 || this.#closing.length > 0) return 0;
    // As of the last turn: the time it took since makes a deadline later by that, and no more.
    const deadline = this.#timers.nextWaitMs(this.now);
    if (deadline < 0) return waitMs;
    return waitMs < 0 ? deadline : Math.min(waitMs, deadline);
  }

  #runEvent(index: number): void {
    const key = this.#epoll.keyOf(index);
    if (key < LISTENER_KEYS) this.#runSocket(key, index);
    else if (key === WAKE_KEY) this.#handler.onWake();
    else this.#acceptor.onReadable(key - LISTENER_KEYS);
  }

  #runSocket(slot: number, index: number): void {
    const events = this.#epoll.triggersOf(index);
    let flags = this.#flags[slot]!;
    const stale = this.#epoll.generationOf(index) !== this.#generations[slot];
    if (stale || (flags & CLOSING) !== 0) {
      this.staleEvents++;
      return;
    }
    if ((flags & CONNECTING) !== 0) {
      this.#connected(slot, events);
      return;
    }
    if ((events & EPOLLOUT) !== 0 && (flags & SEND_OWED) !== 0) {
      this.#flush(slot);
      flags = this.#flags[slot]!;
    }
    if ((events & ~EPOLLOUT) === 0 || (flags & (CLOSING | ENDED)) !== 0) return;
    flags |= READABLE;
    if ((events & (EPOLLRDHUP | TROUBLE)) !== 0) flags |= HUNG_UP;
    this.#flags[slot] = flags;
    if ((flags & (RECEIVING | QUEUED)) === RECEIVING) this.#receive(slot, events);
  }

  #runReady(slot: number): void {
    const flags = this.#flags[slot]!;
    if ((flags & QUEUED) === 0) return;
    this.#flags[slot] = flags & ~QUEUED;
    if ((flags & CONNECTING) !== 0) this.#completeConnect(slot, this.#connectResults[slot]!);
    else if ((flags & (RECEIVING | READABLE)) === (RECEIVING | READABLE)) this.#receive(slot, 0);
  }

  #adopt(listener: number, fd: number): void {
    const slot = this.#handler.onAccept(listener);
    if (slot < 0) {
      closeDescriptor(fd);
      return;
    }
    assert(this.#flags[slot] === 0, "an accepted client gets a free slot");
    this.#flags[slot] = IN_USE;
    this.#fds[slot] = fd;
    const result = this.#registerSlot(slot, fd);
    this.#accepted = slot;
    this.#handler.onAccepted(slot, listener);
    this.#accepted = NO_SLOT;
    if (result < 0) this.#break(slot, result);
  }

  #connected(slot: number, events: number): void {
    if ((events & (EPOLLOUT | TROUBLE)) === 0) return;
    const failed = (events & TROUBLE) !== 0;
    // What the server has said already comes with this edge, and with no other.
    if ((events & EPOLLIN) !== 0) this.#flags[slot] = this.#flags[slot]! | READABLE;
    if ((events & EPOLLRDHUP) !== 0) this.#flags[slot] = this.#flags[slot]! | READABLE | HUNG_UP;
    this.#completeConnect(slot, failed ? -takeSocketError(this.#fds[slot]!) : 0);
  }

  #completeConnect(slot: number, result: number): void {
    this.#flags[slot] = this.#flags[slot]! & ~CONNECTING;
    this.#handler.onConnect(slot, result);
  }

  #receive(slot: number, events: number): void {
    const result = recv(this.#fds[slot]!, this.#receiveAddress, RECEIVE_SIZE, 0);
    if (result <= 0) {
      this.#receivedNothing(slot, result);
      return;
    }
    const drained = result < RECEIVE_SIZE;
    const flags = this.#flags[slot]!;
    if (drained && (flags & HUNG_UP) === 0) this.#flags[slot] = flags & ~READABLE;
    // The FIN was there before we read, and reading came to the end: one system call saved.
    const atEnd = drained && (events & (EPOLLRDHUP | TROUBLE)) === EPOLLRDHUP;
    this.endFollows = atEnd;
    this.#handler.onReceive(slot, this.arena.receiveOffset, result);
    this.endFollows = false;
    const after = this.#flags[slot]! & (RECEIVING | READABLE | CLOSING);
    if (after !== (RECEIVING | READABLE)) return;
    if (atEnd) this.#receivedNothing(slot, END_OF_STREAM);
    else this.#enqueue(slot);
  }

  #receivedNothing(slot: number, result: number): void {
    if (result === -errno.EAGAIN) {
      this.#flags[slot] = this.#flags[slot]! & ~READABLE;
      return;
    }
    this.#flags[slot] = (this.#flags[slot]! | ENDED) & ~READABLE;
    this.#handler.onReceive(slot, 0, result);
  }

  // A socket that cannot be watched is told to be broken, like one that the network broke.
  #break(slot: number, result: number): void {
    if ((this.#flags[slot]! & (CLOSING | ENDED)) !== 0) return;
    this.#flags[slot] = this.#flags[slot]! | ENDED;
    this.#handler.onReceive(slot, 0, result);
  }

  #flush(slot: number): void {
    while (!this.#queues.isEmpty(slot)) {
      const length = this.#queues.frontLength(slot);
      const address = this.address + this.#queues.frontOffset(slot);
      const sent = send(this.#fds[slot]!, address, length, MSG_NOSIGNAL);
      if (sent === -errno.EAGAIN) return;
      if (sent < 0) {
        this.#settleSend(slot, sent);
        return;
      }
      this.#queues.consume(slot, sent);
      if (sent < length) return;
    }
    if ((this.#flags[slot]! & FINISH_OWED) !== 0) shutdown(this.#fds[slot]!, SHUT_WR);
    this.#settleSend(slot, 0);
  }

  #settleSend(slot: number, result: number): void {
    this.#flags[slot] = this.#flags[slot]! & ~(SEND_OWED | FINISH_OWED);
    this.#handler.onSent(slot, result);
  }

  #finishClosing(slot: number): void {
    if (this.#fds[slot] !== -1) closeDescriptor(this.#fds[slot]!);
    this.#fds[slot] = -1;
    this.#flags[slot] = 0;
    this.#generations[slot] = this.#generations[slot]! + 1;
    this.#handler.onClosed(slot);
  }

  #enqueue(slot: number): void {
    if ((this.#flags[slot]! & QUEUED) !== 0) return;
    this.#flags[slot] = this.#flags[slot]! | QUEUED;
    this.#ready.push(slot);
  }

  #registerSlot(slot: number, fd: number): number {
    return this.#epoll.watch(fd, TRIGGERS, slot, this.#generations[slot]!);
  }

  #assertOpen(slot: number): void {
    const flags = this.#flags[slot]!;
    assert((flags & (IN_USE | CLOSING | CONNECTING)) === IN_USE, "the socket is open");
  }
}
