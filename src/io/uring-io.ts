// The reactor on io_uring: one system call a turn, whatever the number of sockets.
//
// Accepting, receiving and sending are files of their own; here are connecting, closing, deadlines
// and the turn. A slot is closed when the last of its requests has come back, and not before, so
// that no completion and no buffer can belong to a connection that is no more.

import { assert } from "../assert.ts";
import type { Endpoint } from "../bytes/endpoint.ts";
import { POLLIN } from "../linux/abi.ts";
import { mapMemory, type NativeMemory, unmapMemory } from "../linux/native-memory.ts";
import {
  localEndpoint,
  openDialSocket,
  peerEndpoint,
  resetOnClose,
  setKeepAlive,
  silenceOnClose,
} from "../linux/socket.ts";
import {
  IORING_ASYNC_CANCEL_ALL,
  IORING_ASYNC_CANCEL_FD,
  IORING_CQE_F_MORE,
  IORING_OP_ASYNC_CANCEL,
  IORING_OP_CLOSE,
  IORING_OP_CONNECT,
  IORING_OP_POLL_ADD,
  IORING_POLL_ADD_MULTI,
  IOSQE_CQE_SKIP_SUCCESS,
  uringCqe,
} from "../linux/uring-abi.ts";
import { Arena, arenaSize } from "./arena.ts";
import { closeDescriptor } from "./close-descriptor.ts";
import type { ArenaAddress, IoHandler } from "./io.ts";
import type { SlabPool } from "./slab-pool.ts";
import { SlabQueues } from "./slab-queues.ts";
import { SlotQueue } from "./slot-queue.ts";
import type { SocketIo, SocketIoOptions } from "./socket-io-options.ts";
import { TimerWheel } from "./timer-wheel.ts";
import { UringAcceptor } from "./uring-acceptor.ts";
import { groupSize } from "./uring-buffers.ts";
import { LARGE, SMALL, UringReceiver } from "./uring-receiver.ts";
import { UringRing } from "./uring-ring.ts";
import { UringSender } from "./uring-sender.ts";
import {
  ACCEPT,
  ARMED,
  CANCEL,
  CLOSING,
  CONNECT,
  CONNECTING,
  IN_USE,
  operationOf,
  QUEUED,
  RECV,
  SEND,
  SENDING,
  SETTLED,
  SLOT_MASK,
  STANDING,
  UNHEEDED,
  UringSlots,
  userDataLow,
  WAKE,
} from "./uring-slots.ts";

export class UringIo implements SocketIo {
  readonly bytes: Uint8Array;
  readonly address: number;
  readonly pool: SlabPool;
  readonly socketsMax: number;
  readonly scratchOffset: number;
  readonly scratchSize: number;
  readonly transportOffset: number;
  now: number;
  /** There are none: a slot is closed when the last of its requests has come back. */
  readonly staleEvents = 0;

  readonly #handler: IoHandler;
  readonly #clock: () => number;
  readonly #wakeFd: number;
  readonly #ring: UringRing;
  readonly #memory: NativeMemory;
  readonly #arena: Arena;
  readonly #slots: UringSlots;
  /** The client that `onAccept` is told of. */
  #arrival = -1;
  readonly #acceptor: UringAcceptor;
  readonly #receiver: UringReceiver;
  readonly #sender: UringSender;
  readonly #timers: TimerWheel;
  readonly #ready: SlotQueue;
  readonly #closing: SlotQueue;
  // The completion that is being told, and how many there are in this turn.
  #index = 0;
  #count = 0;

  /** Throws UringRefused where io_uring cannot be used. */
  constructor(handler: IoHandler, options: SocketIoOptions) {
    const { socketsMax, listenersMax, clock } = options;
    const receiveSize = groupSize(SMALL) + groupSize(LARGE);
    this.#handler = handler;
    this.#clock = clock;
    this.#wakeFd = options.wakeFd;
    this.now = clock();
    this.socketsMax = socketsMax;
    this.#ring = new UringRing();
    this.#memory = mapMemory(arenaSize(options.arena, receiveSize));
    this.bytes = this.#memory.bytes;
    this.address = this.#memory.address;
    this.#arena = new Arena(this.bytes, options.arena, receiveSize);
    this.pool = this.#arena.pool;
    this.scratchOffset = this.#arena.scratchOffset;
    this.scratchSize = options.arena.scratchSize;
    this.transportOffset = this.#arena.transportOffset;
    this.#timers = new TimerWheel(socketsMax, this.now);
    this.#ready = new SlotQueue(2 * socketsMax);
    this.#closing = new SlotQueue(socketsMax);
    this.#slots = new UringSlots(this.#ring, socketsMax, options.fds ?? new Int32Array(socketsMax));
    this.#slots.fds[socketsMax] = this.#ring.fd;
    this.#acceptor = new UringAcceptor(this.#ring, listenersMax, {
      onDescriptor: (listener, fd) => this.#adopt(listener, fd),
      onAcceptFailed: (listener, result) => handler.onAcceptFailed(listener, result),
    });
    const shared = { slots: this.#slots, handler, arenaAddress: this.#memory.address };
    const inbox = new SlabQueues(this.bytes, this.pool, socketsMax);
    this.#receiver = new UringReceiver(
      { ...shared, ring: this.#ring, inbox, ready: this.#ready },
      socketsMax,
    );
    const outbox = new SlabQueues(this.bytes, this.pool, socketsMax);
    this.#sender = new UringSender({ ...shared, outbox, receiver: this.#receiver }, socketsMax);
    this.#armWake();
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

  acceptFew(listener: number, few: boolean): void {
    this.#acceptor.acceptFew(listener, few);
  }

  keepAddress(endpoint: Endpoint): ArenaAddress {
    return this.#arena.keepAddress(endpoint);
  }

  releaseAddress(address: ArenaAddress): void {
    this.#arena.releaseAddress(address);
  }

  connect(slot: number, address: ArenaAddress, source?: ArenaAddress, manner = 0): void {
    const slots = this.#slots;
    assert(slots.flags[slot] === 0, "a slot in use is not connected again");
    slots.flags[slot] = IN_USE | CONNECTING;
    const from = source === undefined ? 0 : this.address + source.offset;
    slots.fds[slot] = openDialSocket(this.bytes[address.offset]!, from, manner);
    if (slots.fds[slot]! < 0) {
      slots.set(slot, QUEUED);
      this.#ready.push(slot);
      return;
    }
    if (address.keepAlive) setKeepAlive(slots.fds[slot]!, address.keepAlive);
    const at = this.address + address.offset;
    slots.request(slot, CONNECT, IORING_OP_CONNECT, address.length, at, 0, 0, 0);
  }

  startReceiving(slot: number): void {
    this.#slots.assertOpen(slot);
    this.#receiver.start(slot);
  }

  stopReceiving(slot: number): void {
    this.#receiver.stop(slot);
  }

  send(slot: number, offset: number, length: number, more = false): number {
    this.#slots.assertOpen(slot);
    return this.#sender.send(slot, offset, length, more);
  }

  roomAt(offset: number, length: number): number {
    return this.#receiver.roomAt(offset, length);
  }

  // The last piece and the end behind it are told of in one go, one after the other.
  get endFollows(): boolean {
    if (this.#index + 1 >= this.#count) return false;
    const { cqes } = this.#ring;
    const at = this.#ring.completionAt(this.#index);
    const next = this.#ring.completionAt(this.#index + 1);
    return (
      cqes[next + uringCqe.userDataLow] === cqes[at + uringCqe.userDataLow] &&
      cqes[next + uringCqe.userDataHigh] === cqes[at + uringCqe.userDataHigh] &&
      operationOf(cqes[at + uringCqe.userDataLow]!) === RECV &&
      cqes[next + uringCqe.result] === 0
    );
  }

  flush(slot: number): number {
    this.#slots.assertOpen(slot);
    return this.#sender.flush(slot);
  }

  finish(slot: number): void {
    this.#slots.assertOpen(slot);
    this.#sender.finish(slot);
  }

  close(slot: number): void {
    const slots = this.#slots;
    assert(slots.has(slot, IN_USE), "only a slot in use is closed");
    if (slots.has(slot, CLOSING)) return;
    slots.flags[slot] = (slots.flags[slot]! & (ARMED | STANDING | SENDING)) | IN_USE | CLOSING;
    this.#timers.clear(slot);
    if (slots.inFlight[slot] === 0) this.#settle(slot);
    else this.#cancelAll(slot);
  }

  reset(slot: number): void {
    const fd = this.#slots.fds[slot]!;
    if (!this.#slots.has(slot, CLOSING) && fd >= 0) resetOnClose(fd);
    this.close(slot);
  }

  drop(slot: number): void {
    const fd = this.#slots.fds[slot]!;
    if (!this.#slots.has(slot, CLOSING) && fd >= 0) silenceOnClose(fd);
    this.close(slot);
  }

  setDeadline(slot: number, atMs: number): void {
    const flags = this.#slots.flags[slot]! & (IN_USE | CLOSING);
    assert(flags === IN_USE, "only a slot in use has a deadline");
    this.#timers.set(slot, atMs);
  }

  clearDeadline(slot: number): void {
    this.#timers.clear(slot);
  }

  readPeer(slot: number, target: Uint8Array, at: number): void {
    peerEndpoint(this.#slots.fds[slot]!, target, at);
  }

  readArrival(target: Uint8Array, at: number): void {
    peerEndpoint(this.#arrival, target, at);
  }

  readLocal(slot: number, target: Uint8Array, at: number): void {
    localEndpoint(this.#slots.fds[slot]!, target, at);
  }

  turn(waitMs: number): void {
    this.#receiver.publish();
    this.#ring.enter(this.#waitFor(waitMs));
    this.now = this.#clock();
    const ready = this.#ready.length;
    const count = this.#ring.beginBatch();
    this.#count = count;
    for (let i = 0; i < count; i++) {
      this.#index = i;
      this.#complete(this.#ring.completionAt(i));
    }
    this.#count = 0;
    this.#ring.endBatch(count);
    this.#acceptor.deliverEarly();
    for (let i = 0; i < ready; i++) this.#runReady(this.#ready.shift());
    this.#timers.advance(this.now, this.#handler);
    for (let left = this.#closing.length; left > 0; left--) {
      this.#finishClosing(this.#closing.shift());
    }
  }

  destroy(): void {
    // Descriptors are closed by the ring: once more, for the last of them.
    this.#ring.enter(0);
    this.#ring.destroy();
    this.#slots.fds[this.socketsMax] = -1;
    this.#receiver.destroy();
    unmapMemory(this.#memory);
  }

  #waitFor(waitMs: number): number {
    if (this.#ready.length > 0 || this.#closing.length > 0 || this.#acceptor.owes) return 0;
    // As of the last turn: the time it took since makes a deadline later by that, and no more.
    const deadline = this.#timers.nextWaitMs(this.now);
    if (deadline < 0) return waitMs;
    return waitMs < 0 ? deadline : Math.min(waitMs, deadline);
  }

  #complete(at: number): void {
    const { cqes } = this.#ring;
    const low = cqes[at + uringCqe.userDataLow]!;
    const result = cqes[at + uringCqe.result]! | 0;
    const flags = cqes[at + uringCqe.flags]!;
    const slot = low & SLOT_MASK;
    switch (operationOf(low)) {
      case RECV:
        this.#receiver.onCompletion(slot, result, flags);
        break;
      case SEND:
        this.#sender.onCompletion(slot, result);
        break;
      case CONNECT:
        this.#connected(slot, result);
        break;
      case CANCEL:
        this.#slots.answered(slot);
        break;
      case ACCEPT:
        this.#acceptor.onCompletion(slot, result, flags);
        return;
      case WAKE:
        if ((flags & IORING_CQE_F_MORE) === 0) this.#armWake();
        this.#handler.onWake();
        return;
      default:
        // A close that failed, for one: the descriptor is gone all the same (close(2)).
        assert(operationOf(low) === UNHEEDED, "a completion is of something asked for");
        return;
    }
    this.#closeIfAnswered(slot);
  }

  #closeIfAnswered(slot: number): void {
    const slots = this.#slots;
    const closing = (slots.flags[slot]! & (CLOSING | SETTLED)) === CLOSING;
    if (closing && slots.inFlight[slot] === 0) this.#settle(slot);
  }

  #settle(slot: number): void {
    this.#slots.set(slot, SETTLED);
    this.#closing.push(slot);
  }

  #runReady(slot: number): void {
    const slots = this.#slots;
    if (!slots.has(slot, QUEUED)) return;
    slots.clear(slot, QUEUED);
    if (slots.has(slot, CONNECTING)) this.#completeConnect(slot, slots.fds[slot]!);
    else this.#receiver.runReady(slot);
  }

  #adopt(listener: number, fd: number): void {
    this.#arrival = fd;
    const slot = this.#handler.onAccept(listener);
    if (slot < 0) {
      closeDescriptor(fd);
      return;
    }
    assert(this.#slots.flags[slot] === 0, "an accepted client gets a free slot");
    this.#slots.flags[slot] = IN_USE;
    this.#slots.fds[slot] = fd;
    this.#handler.onAccepted(slot, listener);
  }

  #connected(slot: number, result: number): void {
    this.#slots.answered(slot);
    if (!this.#slots.has(slot, CLOSING)) this.#completeConnect(slot, result);
  }

  #completeConnect(slot: number, result: number): void {
    this.#slots.clear(slot, CONNECTING);
    this.#handler.onConnect(slot, result);
  }

  #cancelAll(slot: number): void {
    const flags = IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_FD;
    this.#slots.request(slot, CANCEL, IORING_OP_ASYNC_CANCEL, 0, 0, 0, flags, 0);
  }

  #finishClosing(slot: number): void {
    const slots = this.#slots;
    assert(slots.inFlight[slot] === 0, "a closed slot has no request under way");
    const fd = slots.fds[slot]!;
    if (fd >= 0) {
      const head = IORING_OP_CLOSE | (IOSQE_CQE_SKIP_SUCCESS << 8);
      this.#ring.submit(head, fd, 0, 0, 0, 0, userDataLow(UNHEEDED, 0), 0, 0);
    }
    this.#receiver.forget(slot);
    this.#sender.forget(slot);
    slots.fds[slot] = -1;
    slots.flags[slot] = 0;
    slots.nextGeneration(slot);
    this.#handler.onClosed(slot);
  }

  #armWake(): void {
    const low = userDataLow(WAKE, 0);
    this.#ring.submit(
      IORING_OP_POLL_ADD,
      this.#wakeFd,
      0,
      0,
      IORING_POLL_ADD_MULTI,
      POLLIN,
      low,
      0,
      0,
    );
  }
}
