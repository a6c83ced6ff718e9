// A reactor without a kernel that does exactly what a test tells it: one step, one turn. It keeps
// the contract of Io on its own side and asserts that the relay keeps it on the other.
//
// Nothing here is random and nothing happens by itself; tests/simulation/ is for that.

import { assert } from "../../src/assert.ts";
import { ENDPOINT_SIZE, type Endpoint, makeEndpoint } from "../../src/bytes/endpoint.ts";
import {
  type ArenaAddress,
  END_OF_STREAM,
  type Io,
  type IoHandler,
  SEND_ON,
  SEND_WAIT,
} from "../../src/io/io.ts";
import { SLAB_SIZE, SlabPool } from "../../src/io/slab-pool.ts";
import { mapMemory } from "../../src/linux/native-memory.ts";
import { TRANSPORT_SIZE } from "../../src/transport/transport.ts";

/** As much as io_uring leaves behind what it has received: a record of TLS needs less. */
const ROOM_BEHIND = 64;
/** Pieces lie in one of so many places, so that nobody relies on one. */
const PLACES = 7;
/** What a reactor brings at once, at most. */
export const PIECE_SIZE = 64 * 1024;
const RECEIVE_SIZE = PIECE_SIZE + PLACES;
const SCRATCH_SIZE = 128 * 1024;
const ENDPOINT = makeEndpoint("192.0.2.1", 50_000)!;
const LOCAL = makeEndpoint("192.0.2.100", 1883)!;

type Phase = "free" | "connecting" | "open" | "closing";

/** One socket as the script sees it. */
class Socket {
  phase: Phase = "free";
  receiving = false;
  /** An end or an error was told. */
  ended = false;
  finished = false;
  wasReset = false;
  wasDropped = false;
  /** The relay was told SEND_WAIT and has not had onSent. */
  owesSent = false;
  /** What `send` answers. */
  answer: number = SEND_ON;
  deadlineMs: number | null = null;
  /** What was handed over last may wait for what follows. */
  awaitsMore = false;
  peer: Endpoint = ENDPOINT;
  sent: number[] = [];
}

export class ScriptedIo implements Io {
  readonly bytes: Uint8Array;
  readonly address: number;
  readonly pool: SlabPool;
  readonly socketsMax: number;
  readonly scratchOffset = RECEIVE_SIZE;
  readonly scratchSize = SCRATCH_SIZE;
  readonly transportOffset = RECEIVE_SIZE + SCRATCH_SIZE;
  /** What the script says of the piece that it delivers next. */
  endFollows = false;
  now = 1_000_000;
  /** Listeners that accept. */
  readonly accepting = new Set<number>();
  /** Those of which a pause leaves clients in the backlog. */
  readonly acceptingFew = new Set<number>();
  readonly started = new Set<number>();
  /** By the offset of an ArenaAddress: which one was kept. */
  readonly addresses: (Endpoint | null)[] = [];
  /** Connects in their order: the slot, and the index of the address in `addresses`. */
  readonly dials: { slot: number; address: number }[] = [];
  /** How each of them was to be made; see `Io.connect`. */
  readonly manners: number[] = [];
  /** Slots in the order in which they were closed. */
  readonly closes: number[] = [];
  readonly #handler: IoHandler;
  /** The client that `onAccept` is told of. */
  #arrival: Endpoint = ENDPOINT;
  readonly #sockets: Socket[];
  /** Behind the last byte being delivered; 0: none is. */
  #deliveredEnd = 0;
  #steps = 0;

  constructor(handler: IoHandler, socketsMax: number, slabs: number) {
    this.#handler = handler;
    this.socketsMax = socketsMax;
    const slabStart = RECEIVE_SIZE + SCRATCH_SIZE + TRANSPORT_SIZE;
    const memory = mapMemory(slabStart + slabs * SLAB_SIZE);
    this.bytes = memory.bytes;
    this.address = memory.address;
    this.pool = new SlabPool(slabStart, slabs * SLAB_SIZE);
    this.#sockets = Array.from({ length: socketsMax }, () => new Socket());
  }

  // What a script does: each is one turn.

  /** A client connects. @returns its slot, or -1 when it was closed unheard */
  accept(listener = 0, peer: Endpoint = ENDPOINT): number {
    assert(this.accepting.has(listener), "a client comes to a listener that accepts");
    let slot = -1;
    this.#arrival = peer;
    this.#turn(() => {
      slot = this.#handler.onAccept(listener);
      if (slot < 0) return;
      assert(this.socket(slot).phase === "free", "an accepted client gets a free slot");
      this.#sockets[slot] = Object.assign(new Socket(), { phase: "open", peer });
      this.#handler.onAccepted(slot, listener);
    });
    return slot;
  }

  failAccept(listener: number, errno: number): void {
    this.#turn(() => this.#handler.onAcceptFailed(listener, -errno));
  }

  /** The attempt on a slot succeeds. */
  establish(slot: number): void {
    assert(this.socket(slot).phase === "connecting", "only an attempt succeeds");
    this.socket(slot).phase = "open";
    this.#turn(() => this.#handler.onConnect(slot, 0));
  }

  /** The attempt on a slot fails. */
  refuse(slot: number, errno: number): void {
    assert(this.socket(slot).phase === "connecting", "only an attempt fails");
    this.#turn(() => this.#handler.onConnect(slot, -errno));
  }

  /** The peer of a slot has sent bytes. */
  bring(slot: number, bytes: ArrayLike<number>): void {
    this.#assertReceiving(slot);
    assert(bytes.length <= PIECE_SIZE, "a piece fits the receive area");
    const offset = this.#steps++ % PLACES;
    this.bytes.fill(0xee, 0, RECEIVE_SIZE);
    this.bytes.set(bytes, offset);
    this.#deliveredEnd = offset + bytes.length;
    this.#turn(() => this.#handler.onReceive(slot, offset, bytes.length));
    this.#deliveredEnd = 0;
  }

  /** The peer of a slot ends its direction. */
  end(slot: number): void {
    this.#tellEnd(slot, END_OF_STREAM);
  }

  /** Receiving on a slot fails. */
  break(slot: number, errno: number): void {
    this.#tellEnd(slot, -errno);
  }

  /** The peer of a slot reads slowly from now on. */
  slow(slot: number): void {
    this.socket(slot).answer = SEND_WAIT;
  }

  /** Sends on a slot fail from now on. */
  failSends(slot: number, errno: number): void {
    this.socket(slot).answer = -errno;
  }

  /** The peer of a slot has read everything, and reads fast from now on. */
  drain(slot: number): void {
    this.#tellSent(slot, 0);
  }

  /** What waited for the peer of a slot could not be sent. */
  breakSending(slot: number, errno: number): void {
    this.#tellSent(slot, -errno);
  }

  /** Time passes; deadlines fire in their order, each in a turn of its own. */
  pass(ms: number): void {
    const target = this.now + ms;
    for (;;) {
      const slot = this.#earliest();
      const atMs = slot < 0 ? Number.POSITIVE_INFINITY : this.socket(slot).deadlineMs!;
      if (atMs > target) break;
      this.now = Math.max(this.now, atMs);
      this.socket(slot).deadlineMs = null;
      this.#turn(() => this.#handler.onDeadline(slot));
    }
    this.now = target;
  }

  /** Something outside every callback, such as a shutdown step. */
  run(work: () => void): void {
    this.#turn(work);
  }

  socket(slot: number): Socket {
    const socket = this.#sockets[slot];
    assert(socket !== undefined, "a slot is below socketsMax");
    return socket;
  }

  /** What the relay has sent to the peer of a slot since this was last asked. */
  taken(slot: number): Uint8Array {
    return Uint8Array.from(this.socket(slot).sent.splice(0));
  }

  get openSlots(): number[] {
    return [...this.#sockets.keys()].filter((slot) => this.socket(slot).phase !== "free");
  }

  // The contract.

  listen(listener: number): void {
    this.started.add(listener);
    this.accepting.add(listener);
  }

  unlisten(listener: number): void {
    assert(this.started.delete(listener), "only a started listener is forgotten");
    this.accepting.delete(listener);
  }

  pauseAccepting(listener: number): void {
    this.accepting.delete(listener);
  }

  resumeAccepting(listener: number): void {
    assert(this.started.has(listener), "only a started listener accepts");
    this.accepting.add(listener);
  }

  acceptFew(listener: number, few: boolean): void {
    if (few) this.acceptingFew.add(listener);
    else this.acceptingFew.delete(listener);
  }

  keepAddress(endpoint: Endpoint): ArenaAddress {
    return { offset: this.addresses.push(endpoint) - 1, length: ENDPOINT_SIZE };
  }

  releaseAddress(address: ArenaAddress): void {
    assert(this.addresses[address.offset] !== null, "an address is released once");
    this.addresses[address.offset] = null;
  }

  connect(slot: number, address: ArenaAddress, _source?: ArenaAddress, manner = 0): void {
    assert(this.socket(slot).phase === "free", "a slot in use is not connected again");
    assert(this.addresses[address.offset] !== null, "an address is kept while it is used");
    this.#sockets[slot] = Object.assign(new Socket(), { phase: "connecting" });
    this.dials.push({ slot, address: address.offset });
    this.manners.push(manner);
  }

  startReceiving(slot: number): void {
    this.#assertOpen(slot);
    this.socket(slot).receiving = true;
  }

  stopReceiving(slot: number): void {
    this.socket(slot).receiving = false;
  }

  send(slot: number, offset: number, length: number, more = false): number {
    this.#assertOpen(slot);
    const socket = this.socket(slot);
    assert(length > 0 && offset >= 0 && offset + length <= this.bytes.length, "bytes of the arena");
    assert(!socket.finished, "nothing is sent behind our own end");
    if (socket.answer < 0) return socket.answer;
    if (offset < this.#deliveredEnd) this.#deliveredEnd = 0;
    socket.awaitsMore = more;
    socket.sent.push(...this.bytes.subarray(offset, offset + length));
    if (socket.answer === SEND_WAIT) socket.owesSent = true;
    return socket.answer;
  }

  roomAt(offset: number, length: number): number {
    return offset + length === this.#deliveredEnd ? length + ROOM_BEHIND : 0;
  }

  flush(slot: number): number {
    this.#assertOpen(slot);
    return this.socket(slot).owesSent ? SEND_WAIT : SEND_ON;
  }

  finish(slot: number): void {
    this.#assertOpen(slot);
    assert(!this.socket(slot).finished, "a direction is ended once");
    this.socket(slot).finished = true;
  }

  close(slot: number): void {
    const socket = this.socket(slot);
    assert(socket.phase !== "free" && socket.phase !== "closing", "a slot is closed once");
    Object.assign(socket, {
      phase: "closing",
      receiving: false,
      owesSent: false,
      deadlineMs: null,
    });
    this.closes.push(slot);
  }

  reset(slot: number): void {
    this.close(slot);
    this.socket(slot).wasReset = true;
  }

  drop(slot: number): void {
    this.socket(slot).wasDropped = true;
    this.close(slot);
  }

  setDeadline(slot: number, atMs: number): void {
    const { phase } = this.socket(slot);
    assert(phase === "open" || phase === "connecting", "only a slot in use has a deadline");
    this.socket(slot).deadlineMs = atMs;
  }

  clearDeadline(slot: number): void {
    this.socket(slot).deadlineMs = null;
  }

  readPeer(slot: number, target: Uint8Array, at: number): void {
    this.#assertOpen(slot);
    target.set(this.socket(slot).peer, at);
  }

  readArrival(target: Uint8Array, at: number): void {
    target.set(this.#arrival, at);
  }

  readLocal(slot: number, target: Uint8Array, at: number): void {
    this.#assertOpen(slot);
    target.set(LOCAL, at);
  }

  turn(): void {
    this.#turn(() => {});
  }

  destroy(): void {
    assert(this.openSlots.length === 0, "every slot is closed before");
  }

  #tellEnd(slot: number, result: number): void {
    this.#assertReceiving(slot);
    this.socket(slot).ended = true;
    this.#turn(() => this.#handler.onReceive(slot, 0, result));
  }

  #tellSent(slot: number, result: number): void {
    const socket = this.socket(slot);
    assert(socket.owesSent, "only a slow peer catches up");
    socket.owesSent = false;
    socket.answer = SEND_ON;
    this.#turn(() => this.#handler.onSent(slot, result));
  }

  // Closed slots are told of at the end of a turn, as the reactors do it.
  #turn(work: () => void): void {
    work();
    for (;;) {
      const slot = this.#sockets.findIndex(({ phase }) => phase === "closing");
      if (slot < 0) return;
      this.socket(slot).phase = "free";
      this.#handler.onClosed(slot);
    }
  }

  #earliest(): number {
    let found = -1;
    for (const [slot, { deadlineMs }] of this.#sockets.entries()) {
      if (deadlineMs === null) continue;
      if (found < 0 || deadlineMs < this.socket(found).deadlineMs!) found = slot;
    }
    return found;
  }

  #assertOpen(slot: number): void {
    assert(this.socket(slot).phase === "open", "the socket is open");
  }

  #assertReceiving(slot: number): void {
    const { phase, receiving, ended } = this.socket(slot);
    assert(phase === "open" && receiving && !ended, "the relay wants to hear of this slot");
  }
}
