// The reactor on a simulated network: no kernel, a virtual clock, and every fault at will.
//
// It keeps the contract of Io as badly as the contract allows: completions late and in any order,
// reads and writes short, deadlines late, slots closed later, everything lent taken away at once.
// It throws when the caller breaks the contract.

import { ENDPOINT_SIZE, type Endpoint, formatEndpoint } from "../../src/bytes/endpoint.ts";
import {
  type ArenaAddress,
  END_OF_STREAM,
  type Io,
  type IoHandler,
  SEND_ON,
  SEND_WAIT,
} from "../../src/io/io.ts";
import type { SlabPool } from "../../src/io/slab-pool.ts";
import { SlabQueues } from "../../src/io/slab-queues.ts";
import { errno } from "../../src/linux/abi.ts";
import { SimAcceptor } from "./sim-acceptor.ts";
import { RECEIVE_SIZE, SimArena, type SimArenaSizes } from "./sim-arena.ts";
import { check } from "./sim-check.ts";
import type { SimNetwork } from "./sim-network.ts";
import { isConnected, isReceivable, isSendable } from "./sim-readiness.ts";
import { SimSlot } from "./sim-slot.ts";
import { type SimSocket, WOULD_BLOCK } from "./sim-socket.ts";

const { EADDRNOTAVAIL, ENOBUFS, EPIPE } = errno;
/** How long what was put off stays put off, at most. */
const PUT_OFF_MAX_MS = 3;

export interface SimIoOptions {
  readonly socketsMax: number;
  readonly listenersMax: number;
  readonly arena: SimArenaSizes;
}

export class SimIo implements Io {
  readonly bytes: Uint8Array;
  readonly address = 0;
  readonly pool: SlabPool;
  readonly socketsMax: number;
  readonly scratchOffset: number;
  readonly scratchSize: number;
  readonly transportOffset: number;
  readonly roomAt = () => 0;
  readonly endFollows = false;
  now: number;
  readonly #network: SimNetwork;
  readonly #handler: IoHandler;
  #arrival: Uint8Array = new Uint8Array(0);
  readonly #arena: SimArena;
  readonly #queues: SlabQueues;
  readonly #slots: readonly SimSlot[];
  readonly #acceptor: SimAcceptor;
  /** Slots whose socket is closed and whose onClosed may be told. */
  readonly #closed: SimSlot[] = [];
  #rung = false;
  /** True exactly when a turn has something to look at. */
  #stirred = false;
  #inTurn = false;

  constructor(network: SimNetwork, handler: IoHandler, options: SimIoOptions) {
    this.#network = network;
    this.#handler = handler;
    this.now = network.now;
    this.socketsMax = options.socketsMax;
    this.#arena = new SimArena(options.arena, network.dice);
    this.#arena.pool.dryRate = network.faults.dryPool;
    this.bytes = this.#arena.bytes;
    this.pool = this.#arena.pool;
    this.scratchOffset = this.#arena.scratchOffset;
    this.scratchSize = this.#arena.scratchSize;
    this.transportOffset = this.#arena.transportOffset;
    this.#queues = new SlabQueues(this.bytes, this.pool, options.socketsMax);
    this.#slots = Array.from({ length: options.socketsMax }, (_, i) => new SimSlot(i));
    this.#acceptor = new SimAcceptor(network, options.listenersMax, {
      onSocket: (listener, socket) => this.#adopt(listener, socket),
      onAcceptFailed: (listener, result) => {
        this.#trace(() => `onAcceptFailed ${listener}`);
        handler.onAcceptFailed(listener, result);
      },
      onStir: () => this.#stir(),
    });
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
    return this.#arena.keepAddress(endpoint);
  }

  releaseAddress(address: ArenaAddress): void {
    this.#arena.releaseAddress(address);
  }

  connect(index: number, address: ArenaAddress): void {
    const slot = this.#slotAt(index);
    check(!slot.inUse, "a slot in use is not connected again");
    const { dice, faults } = this.#network;
    const to = this.#arena.readAddress(address);
    this.#trace(() => `connect ${index} to ${formatEndpoint(to, 0)}`);
    slot.open(null);
    slot.connecting = true;
    if (dice.chance(faults.failedConnects)) {
      slot.connectResult = -EADDRNOTAVAIL;
      this.#stir();
      return;
    }
    slot.socket = this.#network.connect(to, {});
    this.#watch(slot, slot.socket);
  }

  startReceiving(index: number): void {
    const slot = this.#openSlot(index, "startReceiving");
    slot.receiving = true;
    this.#stir();
  }

  stopReceiving(index: number): void {
    check(this.#slotAt(index).inUse, "stopReceiving is for a slot in use");
    this.#slotAt(index).receiving = false;
  }

  send(index: number, offset: number, length: number): number {
    const slot = this.#openSlot(index, "send");
    check(offset >= 0 && length >= 0 && offset + length <= this.bytes.length, "sends of the arena");
    const result = this.#sendNow(slot, offset, length);
    this.#trace(() => `send ${index}, ${length} bytes: ${result}`);
    return result;
  }

  flush(index: number): number {
    this.#openSlot(index, "flush");
    return this.#queues.isEmpty(index) ? SEND_ON : SEND_WAIT;
  }

  finish(index: number): void {
    const slot = this.#openSlot(index, "finish");
    this.#trace(() => `finish ${index}`);
    if (this.#queues.isEmpty(index)) slot.socket?.shutdown();
    else slot.finishOwed = true;
  }

  close(index: number): void {
    this.#startClosing(index, "close");
  }

  reset(index: number): void {
    this.#startClosing(index, "reset");
  }

  /** The peer is told as late as it finds out: here at once, like by any reset. */
  drop(index: number): void {
    this.reset(index);
  }

  setDeadline(index: number, atMs: number): void {
    const slot = this.#slotAt(index);
    check(slot.inUse && !slot.closing, "only a slot in use has a deadline");
    check(Number.isFinite(atMs), "a deadline is a time");
    slot.deadlineMs = atMs;
    slot.dueMs = atMs + this.#network.dice.below(this.#network.faults.deadlineLatenessMs + 1);
  }

  clearDeadline(index: number): void {
    const slot = this.#slotAt(index);
    check(slot.inUse, "clearDeadline is for a slot in use");
    slot.deadlineMs = Infinity;
    slot.dueMs = Infinity;
  }

  readPeer(index: number, target: Uint8Array, at: number): void {
    const { socket } = this.#openSlot(index, "readPeer");
    if (socket === null) target.fill(0, at, at + ENDPOINT_SIZE);
    else target.set(socket.remote, at);
  }

  readArrival(target: Uint8Array, at: number): void {
    target.set(this.#arrival, at);
  }

  readLocal(index: number, target: Uint8Array, at: number): void {
    const { socket } = this.#openSlot(index, "readLocal");
    if (socket === null) target.fill(0, at, at + ENDPOINT_SIZE);
    else target.set(socket.local, at);
  }

  /** What another thread would do. */
  ring(): void {
    this.#rung = true;
    this.#stir();
  }

  turn(waitMs: number): void {
    check(!this.#inTurn, "a turn does not begin inside a turn");
    this.#inTurn = true;
    this.#sleep(waitMs);
    this.now = this.#network.now;
    this.#stirred = false;
    this.#tellAll(this.#gather());
    this.#tellDeadlines();
    this.#tellClosed();
    this.#inTurn = false;
  }

  destroy(): void {
    const left = this.leftovers();
    check(left.length === 0, `a reactor ends with nothing left: ${left.join(", ")}`);
  }

  /** What has not been given back, one sentence each. */
  leftovers(): string[] {
    const inUse = this.#slots.filter((slot) => slot.inUse).map(({ index }) => index);
    const timed = this.#slots.filter(({ deadlineMs }) => deadlineMs < Infinity);
    const left: string[] = [];
    if (inUse.length > 0) left.push(`slots ${inUse} are in use`);
    if (timed.length > 0) left.push(`slots ${timed.map(({ index }) => index)} have deadlines`);
    if (this.pool.used > 0) left.push(`${this.pool.used} slabs are in use`);
    return left;
  }

  /** The simulated socket of a slot in use, for those who look on. */
  socketOf(index: number): SimSocket | null {
    return this.#slotAt(index).socket;
  }

  isReceiving(index: number): boolean {
    return this.#slotAt(index).receiving;
  }

  isClosing(index: number): boolean {
    return this.#slotAt(index).closing;
  }

  // Sending

  #sendNow(slot: SimSlot, offset: number, length: number): number {
    const { dice, faults } = this.#network;
    if (slot.socket === null) return -EPIPE;
    let sent = 0;
    if (this.#queues.isEmpty(slot.index)) {
      const limit = dice.chance(faults.shortWrites) ? dice.below(length + 1) : length;
      const result = slot.socket.send(this.bytes, offset, limit);
      if (result < 0 && result !== WOULD_BLOCK) return result;
      sent = Math.max(0, result);
    }
    if (dice.chance(faults.lateSendFailures)) this.#failLater(slot);
    if (sent === length) return SEND_ON;
    if (!this.#queues.append(slot.index, offset + sent, length - sent)) return -ENOBUFS;
    slot.sendOwed = true;
    this.#stir();
    return SEND_WAIT;
  }

  #failLater(slot: SimSlot): void {
    slot.sendFailure = -EPIPE;
    slot.socket?.reset();
    this.#stir();
  }

  #flush(slot: SimSlot): void {
    if (!isSendable(slot)) return;
    const { index, socket } = slot;
    if (slot.sendFailure !== 0) {
      this.#tellSent(slot, slot.sendFailure);
      return;
    }
    const { dice, faults } = this.#network;
    while (!this.#queues.isEmpty(index)) {
      const length = this.#queues.frontLength(index);
      const limit = dice.chance(faults.shortWrites) ? 1 + dice.below(length) : length;
      const sent = socket!.send(this.bytes, this.#queues.frontOffset(index), limit);
      if (sent === WOULD_BLOCK) return;
      if (sent < 0) {
        this.#tellSent(slot, sent);
        return;
      }
      this.#queues.consume(index, sent);
      if (sent < length) {
        this.#stir();
        return;
      }
    }
    if (slot.finishOwed) socket!.shutdown();
    this.#tellSent(slot, 0);
  }

  #tellSent(slot: SimSlot, result: number): void {
    slot.sendOwed = false;
    slot.finishOwed = false;
    slot.sendFailure = 0;
    this.#trace(() => `onSent ${slot.index}: ${result}`);
    this.#handler.onSent(slot.index, result);
    this.#arena.spoil(0, 0);
  }

  // Closing

  #startClosing(index: number, way: "close" | "reset"): void {
    const slot = this.#slotAt(index);
    check(slot.inUse, `only a slot in use is closed: ${index} is not`);
    if (slot.closing) return;
    this.#trace(() => `${way} ${index}`);
    const { dice, faults } = this.#network;
    slot.closing = true;
    slot.receiving = false;
    slot.deadlineMs = Infinity;
    slot.dueMs = Infinity;
    this.#queues.clear(index);
    if (!dice.chance(faults.lateCloses)) {
      this.#closeNow(slot, way);
      return;
    }
    this.#network.after(dice.below(faults.closeDelayMaxMs + 1), () => this.#closeNow(slot, way));
  }

  #closeNow(slot: SimSlot, way: "close" | "reset"): void {
    slot.socket?.[way]();
    this.#closed.push(slot);
    this.#stir();
  }

  // One by one, and not those that are closed from inside these callbacks: they wait for a turn.
  #tellClosed(): void {
    for (const slot of this.#closed.splice(0)) {
      slot.clear();
      this.#trace(() => `onClosed ${slot.index}`);
      this.#handler.onClosed(slot.index);
      this.#arena.spoil(0, 0);
    }
  }

  // Turns

  #sleep(waitMs: number): void {
    const { dice, faults } = this.#network;
    if (dice.chance(faults.spuriousWakes)) this.#rung = true;
    const untilMs = Math.min(
      waitMs < 0 ? Infinity : this.#network.now + waitMs,
      this.#slots.reduce((earliest, { dueMs }) => Math.min(earliest, dueMs), Infinity),
    );
    const goesOn = this.#network.run(untilMs, () => this.#stirred || this.#rung);
    check(goesOn, "a turn without end waits for something");
    if (!dice.chance(faults.stalls)) return;
    this.#network.run(this.#network.now + dice.below(faults.stallMaxMs + 1), () => false);
  }

  // What this turn may tell.
  #gather(): (() => void)[] {
    const found: (() => void)[] = [];
    if (this.#rung) found.push(() => this.#tellWake());
    for (const i of this.#acceptor.ready()) found.push(() => this.#acceptor.accept(i));
    for (const slot of this.#slots) {
      if (!slot.inUse || slot.closing) continue;
      if (isConnected(slot)) found.push(() => this.#tellConnect(slot));
      if (isReceivable(slot)) found.push(() => this.#receive(slot));
      if (isSendable(slot)) found.push(() => this.#flush(slot));
    }
    if (this.#network.dice.chance(this.#network.faults.reordering)) {
      this.#network.dice.shuffle(found);
    }
    return found;
  }

  // Some wait for a later turn. Those that are told make others void: each looks again.
  #tellAll(completions: readonly (() => void)[]): void {
    const { dice, faults } = this.#network;
    for (const run of completions) {
      if (dice.chance(faults.lateCompletions)) {
        this.#network.after(dice.below(PUT_OFF_MAX_MS + 1), () => this.#stir());
      } else {
        run();
      }
    }
  }

  #tellWake(): void {
    this.#rung = false;
    this.#handler.onWake();
    this.#arena.spoil(0, 0);
  }

  #tellConnect(slot: SimSlot): void {
    if (!isConnected(slot)) return;
    const result = slot.connectResult!;
    slot.connecting = false;
    this.#stir();
    this.#trace(() => `onConnect ${slot.index}: ${result}`);
    this.#handler.onConnect(slot.index, result);
    this.#arena.spoil(0, 0);
  }

  #adopt(listener: number, socket: SimSocket): void {
    this.#arrival = socket.remote;
    const index = this.#handler.onAccept(listener);
    this.#arena.spoil(0, 0);
    this.#trace(() => `onAccept ${listener}: ${index}, ${formatEndpoint(socket.remote, 0)}`);
    if (index < 0) {
      socket.close();
      return;
    }
    const slot = this.#slotAt(index);
    check(!slot.inUse, "an accepted client gets a free slot");
    slot.open(socket);
    this.#watch(slot, socket);
    this.#handler.onAccepted(index, listener);
    this.#arena.spoil(0, 0);
  }

  #receive(slot: SimSlot): void {
    if (!isReceivable(slot)) return;
    const { dice, faults } = this.#network;
    const max = dice.chance(faults.shortReads) ? 1 + dice.below(64) : RECEIVE_SIZE;
    const offset = this.#arena.placeFor(max);
    const result = slot.socket!.receive(this.bytes, offset, max);
    if (result === WOULD_BLOCK) return;
    if (result <= END_OF_STREAM) slot.ended = true;
    this.#stir();
    this.#trace(() => `onReceive ${slot.index}: ${result}`);
    this.#handler.onReceive(slot.index, offset, result);
    this.#arena.spoil(offset, result);
  }

  #tellDeadlines(): void {
    for (const slot of this.#slots) {
      if (slot.dueMs > this.now) continue;
      slot.deadlineMs = Infinity;
      slot.dueMs = Infinity;
      this.#trace(() => `onDeadline ${slot.index}`);
      this.#handler.onDeadline(slot.index);
      this.#arena.spoil(0, 0);
    }
  }

  // The rest

  #watch(slot: SimSlot, socket: SimSocket): void {
    const stir = (): void => this.#stir();
    socket.watcher = {
      onConnected: (result) => {
        slot.connectResult = result;
        stir();
      },
      onReadable: stir,
      onWritable: stir,
    };
  }

  #stir(): void {
    this.#stirred = true;
  }

  #slotAt(index: number): SimSlot {
    const slot = this.#slots[index];
    check(slot !== undefined, `a slot is one of socketsMax: ${index} is not`);
    return slot;
  }

  #openSlot(index: number, request: string): SimSlot {
    const slot = this.#slotAt(index);
    const { inUse, closing, connecting } = slot;
    check(inUse && !closing && !connecting, `${request} is for an open socket: ${index} is not`);
    return slot;
  }

  #trace(line: () => string): void {
    this.#network.trace?.(line());
  }
}
