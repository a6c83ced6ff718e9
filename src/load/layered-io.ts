// A reactor whose connections speak TLS and WebSocket, for a load thread that knows neither: to it
// a connection is there when its handshakes are done, and what it sends and gets is MQTT.
//
// Bounded as the reactor below is. Slots from `plainFrom` on, those of a sink, stay as they are.

import { assert } from "../assert.ts";
import { mix32 } from "../bytes/hash32.ts";
import type { ArenaAddress, Io, IoHandler } from "../io/io.ts";
import { END_OF_STREAM } from "../io/io.ts";
import { errno } from "../linux/abi.ts";
import type { TlsServerPlan, WebSocketServerPlan } from "../shm/plan.ts";
import { makeClientContext, type TlsContext } from "../tls/tls-context.ts";
import { TLS_OPEN } from "../tls/tls-engine.ts";
import { ENDED, GOES_ON, PLAIN, Transport } from "../transport/transport.ts";
import { acceptOf, makeKey } from "../websocket/accept-key.ts";
import { readUpgradeResponse, writeUpgradeRequest } from "../websocket/upgrade-response.ts";

/** What connections speak below MQTT. */
export interface LoadTransport {
  readonly tls: TlsServerPlan | null;
  /** Whether a handshake may go on with the session before it. */
  readonly resumes: boolean;
  readonly websocket: WebSocketServerPlan | null;
}

export interface LayeredIoOptions {
  readonly transport: LoadTransport;
  readonly socketsMax: number;
  readonly plainFrom: number;
}

/** A server's frames may be as large as MQTT packets are. */
const FRAME_SIZE_MAX = 256 * 1024 * 1024 + 5;

// Steps of a slot.
const AS_IT_IS = 0;
const SHAKING_HANDS = 1;
const UPGRADING = 2;
const OPEN = 3;

export class LayeredIo implements Io, IoHandler {
  /** What is made of received bytes is put into layers again. */
  readonly roomAt = () => 0;
  readonly #io: Io;
  readonly #handler: IoHandler;
  readonly #plan: LoadTransport;
  readonly #plainFrom: number;
  readonly #transport: Transport;
  readonly #context: TlsContext | null;
  readonly #steps: Uint8Array;
  #draws = 0;

  constructor(openIo: (handler: IoHandler) => Io, handler: IoHandler, options: LayeredIoOptions) {
    const { transport, socketsMax, plainFrom } = options;
    this.#io = openIo(this);
    this.#handler = handler;
    this.#plan = transport;
    this.#plainFrom = plainFrom;
    // Masks need not be secret from a server under test.
    this.#transport = new Transport(this.#io, socketsMax, () => mix32(++this.#draws));
    const { tls, resumes } = transport;
    this.#context = tls === null ? null : makeClientContext(tls, resumes);
    this.#steps = new Uint8Array(socketsMax);
  }

  // What the reactor is asked for.

  get bytes(): Uint8Array {
    return this.#io.bytes;
  }

  get address(): number {
    return this.#io.address;
  }

  get socketsMax(): number {
    return this.#io.socketsMax;
  }

  get pool(): Io["pool"] {
    return this.#io.pool;
  }

  get now(): number {
    return this.#io.now;
  }

  get scratchOffset(): number {
    return this.#io.scratchOffset;
  }

  get scratchSize(): number {
    return this.#io.scratchSize;
  }

  get transportOffset(): number {
    return this.#io.transportOffset;
  }

  get endFollows(): boolean {
    return this.#io.endFollows;
  }

  listen(listener: number, fd: number): void {
    this.#io.listen(listener, fd);
  }

  unlisten(listener: number): void {
    this.#io.unlisten(listener);
  }

  pauseAccepting(listener: number): void {
    this.#io.pauseAccepting(listener);
  }

  resumeAccepting(listener: number): void {
    this.#io.resumeAccepting(listener);
  }

  acceptFew(listener: number, few: boolean): void {
    this.#io.acceptFew(listener, few);
  }

  keepAddress(endpoint: Parameters<Io["keepAddress"]>[0]): ArenaAddress {
    return this.#io.keepAddress(endpoint);
  }

  releaseAddress(address: ArenaAddress): void {
    this.#io.releaseAddress(address);
  }

  connect(slot: number, address: ArenaAddress, source?: ArenaAddress): void {
    assert(slot < this.#plainFrom, "a sink does not connect");
    this.#steps[slot] = AS_IT_IS;
    this.#io.connect(slot, address, source);
  }

  startReceiving(slot: number): void {
    this.#io.startReceiving(slot);
  }

  stopReceiving(slot: number): void {
    this.#io.stopReceiving(slot);
  }

  send(slot: number, offset: number, length: number): number {
    return this.#transport.send(slot, offset, length);
  }

  flush(slot: number): number {
    return this.#io.flush(slot);
  }

  finish(slot: number): void {
    this.#transport.finish(slot);
  }

  close(slot: number): void {
    this.#transport.close(slot);
  }

  reset(slot: number): void {
    this.#transport.reset(slot);
  }

  drop(slot: number): void {
    this.#transport.drop(slot);
  }

  setDeadline(slot: number, atMs: number): void {
    this.#io.setDeadline(slot, atMs);
  }

  clearDeadline(slot: number): void {
    this.#io.clearDeadline(slot);
  }

  readPeer(slot: number, target: Uint8Array, at: number): void {
    this.#io.readPeer(slot, target, at);
  }

  readArrival(target: Uint8Array, at: number): void {
    this.#io.readArrival(target, at);
  }

  readLocal(slot: number, target: Uint8Array, at: number): void {
    this.#io.readLocal(slot, target, at);
  }

  turn(waitMs: number): void {
    this.#io.turn(waitMs);
  }

  destroy(): void {
    this.#context?.free();
    this.#io.destroy();
  }

  // What the reactor tells.

  onAccept(listener: number): number {
    return this.#handler.onAccept(listener);
  }

  onAccepted(slot: number, listener: number): void {
    this.#handler.onAccepted(slot, listener);
  }

  onAcceptFailed(listener: number, result: number): void {
    this.#handler.onAcceptFailed(listener, result);
  }

  onConnect(slot: number, result: number): void {
    if (result < 0) this.#handler.onConnect(slot, result);
    else if (this.#context !== null) this.#shakeHands(slot, this.#context);
    else this.#upgrade(slot);
  }

  onReceive(slot: number, offset: number, result: number): void {
    const step = this.#steps[slot]!;
    if (slot >= this.#plainFrom || step === AS_IT_IS) this.#handler.onReceive(slot, offset, result);
    else if (step === OPEN) this.#receive(slot, offset, result);
    else if (result <= END_OF_STREAM) this.#fail(slot, result === 0 ? errno.ECONNRESET : -result);
    else this.#greet(slot, step, offset, result);
  }

  onSent(slot: number, result: number): void {
    if (this.#transport.takeChoked(slot)) this.#io.startReceiving(slot);
    const isTheirs = this.#steps[slot] === OPEN || this.#steps[slot] === AS_IT_IS;
    if (isTheirs) this.#handler.onSent(slot, result);
    else if (result < 0) this.#fail(slot, -result);
  }

  onDeadline(slot: number): void {
    this.#handler.onDeadline(slot);
  }

  onClosed(slot: number): void {
    this.#handler.onClosed(slot);
  }

  onWake(): void {
    this.#handler.onWake();
  }

  #shakeHands(slot: number, context: TlsContext): void {
    this.#steps[slot] = SHAKING_HANDS;
    this.#io.startReceiving(slot);
    const result = this.#transport.connectTls(slot, context);
    if (result < 0) this.#fail(slot, -result);
  }

  #upgrade(slot: number): void {
    const { websocket } = this.#plan;
    if (websocket === null) {
      this.#open(slot);
      return;
    }
    this.#steps[slot] = UPGRADING;
    this.#io.startReceiving(slot);
    const { bytes, transportOffset } = this.#io;
    const request = { ...websocket, key: makeKey(slot, 0), protocol: "mqtt" };
    const size = writeUpgradeRequest(bytes, transportOffset, request);
    const result = this.#transport.send(slot, transportOffset, size);
    if (result < 0) this.#fail(slot, -result);
  }

  #open(slot: number): void {
    this.#steps[slot] = this.#transport.layers[slot] === PLAIN ? AS_IT_IS : OPEN;
    this.#handler.onConnect(slot, 0);
  }

  #greet(slot: number, step: number, offset: number, length: number): void {
    const transport = this.#transport;
    const isPlain = transport.layers[slot] === PLAIN;
    const size = isPlain ? length : transport.receive(slot, offset, length);
    if (!isPlain && transport.outcome !== GOES_ON) this.#fail(slot, errno.EPROTO);
    else if (step === UPGRADING) this.#onAnswer(slot, isPlain ? offset : transport.offset, size);
    else if (transport.tls.state(slot) === TLS_OPEN) this.#upgrade(slot);
  }

  // An answer to a request of a hundred bytes comes in one piece, or the server is no good here.
  #onAnswer(slot: number, offset: number, length: number): void {
    if (length === 0) return;
    const { bytes } = this.#io;
    const size = readUpgradeResponse(bytes, offset, length, acceptOf(makeKey(slot, 0)));
    if (size !== length) {
      this.#fail(slot, errno.EPROTO);
      return;
    }
    this.#transport.beginFrames(slot, false, FRAME_SIZE_MAX);
    this.#open(slot);
  }

  #receive(slot: number, offset: number, result: number): void {
    const transport = this.#transport;
    if (transport.heardEnd(slot)) return;
    if (result <= END_OF_STREAM) {
      this.#handler.onReceive(slot, offset, result);
      return;
    }
    const size = transport.receive(slot, offset, result);
    const { outcome } = transport;
    if (size > 0) this.#handler.onReceive(slot, transport.offset, size);
    if (outcome === GOES_ON || transport.layers[slot] === PLAIN) return;
    this.#handler.onReceive(slot, 0, outcome === ENDED ? END_OF_STREAM : -errno.EPROTO);
  }

  #fail(slot: number, error: number): void {
    this.#steps[slot] = AS_IT_IS;
    this.#handler.onConnect(slot, -error);
  }
}
