// What lies between a socket and the stages: TLS records and WebSocket frames, each on either side.
//
//   socket  ⇄  TLS records  ⇄  WebSocket frames  ⇄  bytes of MQTT
//
// Stages hand over and are handed bytes of MQTT and never know. A slot without layers costs one
// look at a byte. Everything that was received is taken apart at once and nothing stays behind but
// what OpenSSL or the frame reader keeps of a half record or frame; so no byte waits unseen.
//
// Bounded by the areas below. Decides nothing about connections: stages and relay.ts do.

import { assert } from "../assert.ts";
import type { Io } from "../io/io.ts";
import { SEND_ON, SEND_WAIT } from "../io/io.ts";
import { errno } from "../linux/abi.ts";
import type { TlsContext } from "../tls/tls-context.ts";
import {
  TLS_ENDED,
  TLS_FAILED,
  TLS_FREE,
  TLS_HANDSHAKING,
  TLS_OPEN,
  TlsEngine,
} from "../tls/tls-engine.ts";
import { CLOSE_NORMAL, FRAME_HEADER_SIZE_MAX, OPCODE_BINARY } from "../websocket/frame-numbers.ts";
import { FRAME_CLIENT, FRAME_SERVER, FrameReader } from "../websocket/frame-reader.ts";
import { NO_MASK, toMaskKey, writeClose, writeFrameHeader } from "../websocket/frame-writer.ts";
import { moveMasked } from "../websocket/mask.ts";

// Layers of a slot, from the socket up.
export const PLAIN = 0;
export const TLS = 1 << 0;
export const WEBSOCKET = 1 << 1;
/** No layer of its own: what comes out of the others is shown to the tap, too. */
export const TAPPED = 1 << 2;

/** Who is shown the bytes of tapped slots, as they come out of their layers. */
export interface Tap {
  /** They are the tap's to read and not to keep, until it returns. */
  show(slot: number, offset: number, length: number): void;
}

// What `receive` says besides the bytes.
export const GOES_ON = 0;
/** The peer ended its direction in the words of a layer. */
export const ENDED = 1;
/** A TLS session broke; the engine knows how. */
export const TLS_BROKEN = 2;
/** A frame broke a rule; `frameFault` has the close code that says so. */
export const FRAME_BROKEN = 3;

/** Bytes that are wrapped at a time: what a reactor receives in one piece. */
const PIECE_SIZE = 64 * 1024;
/** What one piece and a half-read record, or a kept ClientHello, can become. */
const PLAIN_AREA_SIZE = 128 * 1024;
const FRAME_AREA_SIZE = PIECE_SIZE;
const SEALED_AREA_SIZE = 128 * 1024;
/** A frame with its header is sealed in one go. */
const FRAME_PAYLOAD_MAX = FRAME_AREA_SIZE - FRAME_HEADER_SIZE_MAX;

/** What the arena needs for all of this. */
export const TRANSPORT_SIZE = PLAIN_AREA_SIZE + FRAME_AREA_SIZE + SEALED_AREA_SIZE;

// Flags of a slot. "True exactly when":
/** our direction has been ended in the words of its layers */
const SAID_END = 1 << 0;
/** the peer's direction has */
const HEARD_END = 1 << 1;
/** an answer of a layer made the peer's backlog too long; it is not read until that has left */
const CHOKED = 1 << 2;
/** our frames are masked: we are the client of the peer */
const MASKS = 1 << 3;

export class Transport {
  /** By slot: what its bytes are wrapped in. */
  readonly layers: Uint8Array;
  /** Where the bytes of the last `receive` are. */
  offset = 0;
  /** GOES_ON, ENDED, TLS_BROKEN or FRAME_BROKEN, after the bytes of the last `receive`. */
  outcome = GOES_ON;
  /** After FRAME_BROKEN: the close code, from 1002. */
  frameFault = 0;
  readonly #io: Io;
  readonly #flags: Uint8Array;
  readonly #slotsMax: number;
  readonly #frames: FrameReader;
  readonly #nextRandom: () => number;
  #tls: TlsEngine | null = null;
  #tap: Tap | null = null;

  /** @param nextRandom int32s that servers cannot guess: what our frames are masked with */
  constructor(io: Io, slotsMax: number, nextRandom: () => number) {
    this.#io = io;
    this.#slotsMax = slotsMax;
    this.#nextRandom = nextRandom;
    this.layers = new Uint8Array(slotsMax);
    this.#flags = new Uint8Array(slotsMax);
    this.#frames = new FrameReader(slotsMax, nextRandom());
  }

  /** OpenSSL's side; made when it is first needed. */
  get tls(): TlsEngine {
    this.#tls ??= new TlsEngine(this.#io, this.#slotsMax);
    return this.#tls;
  }

  /** TLS sessions that are open or being opened. */
  get tlsSessions(): number {
    return this.#tls === null ? 0 : this.#tls.liveSessions;
  }

  acceptTls(slot: number, context: TlsContext): void {
    assert(this.layers[slot] === PLAIN, "TLS is the layer next to the socket");
    this.tls.accept(slot, context);
    this.layers[slot] = TLS;
  }

  /** Begins TLS towards a server; its hello is on its way. @returns what `Io.send` does */
  connectTls(slot: number, context: TlsContext): number {
    assert(this.layers[slot] === PLAIN, "TLS is the layer next to the socket");
    this.tls.connect(slot, context);
    this.layers[slot] = TLS;
    return this.#sendSealed(slot);
  }

  /** From here on bytes come in frames. @param isServer whether we are: the client masks (5.1) */
  beginFrames(slot: number, isServer: boolean, frameSizeMax: number): void {
    assert((this.layers[slot]! & WEBSOCKET) === 0, "frames begin once");
    this.#frames.begin(slot, isServer ? FRAME_SERVER : FRAME_CLIENT, frameSizeMax);
    this.layers[slot]! |= WEBSOCKET;
    if (!isServer) this.#flags[slot]! |= MASKS;
  }

  /** From here on bytes of MQTT that a slot's peer sends are shown to `tap`. */
  tap(slot: number, tap: Tap): void {
    this.#tap = tap;
    this.layers[slot]! |= TAPPED;
  }

  untap(slot: number): void {
    this.layers[slot]! &= ~TAPPED;
  }

  /** Takes apart what came off a slot's wire. @returns how many bytes are at `offset` now */
  receive(slot: number, offset: number, length: number): number {
    const layers = this.layers[slot]!;
    assert(layers !== PLAIN, "plain bytes are what they are");
    this.outcome = GOES_ON;
    this.offset = offset;
    let size = length;
    if ((layers & TLS) !== 0) size = this.#open(slot, offset, size);
    if ((layers & WEBSOCKET) !== 0 && size > 0) size = this.#unframe(slot, size);
    if (this.outcome === ENDED) this.#flags[slot]! |= HEARD_END;
    if ((layers & TAPPED) !== 0 && size > 0) this.#tap!.show(slot, this.offset, size);
    return size;
  }

  /** As `receive`, for bytes that are out of their TLS records already. */
  unframe(slot: number, offset: number, length: number): number {
    this.outcome = GOES_ON;
    this.offset = offset;
    return this.#unframe(slot, length);
  }

  /**
   * Wraps and sends; see `Io.send`. -EPROTO: the session cannot take any more.
   * @param more as for `Io.send`; layers have words of their own for an end, and do not wait
   */
  send(slot: number, offset: number, length: number, more = false): number {
    const layers = this.layers[slot]!;
    if (layers === PLAIN || layers === TAPPED) return this.#io.send(slot, offset, length, more);
    let result = SEND_ON;
    for (let done = 0; done < length && result >= 0; ) {
      const pieceMax = (layers & WEBSOCKET) === 0 ? PIECE_SIZE : FRAME_PAYLOAD_MAX;
      const piece = Math.min(length - done, pieceMax);
      result = this.#wrap(slot, layers, offset + done, piece);
      done += piece;
    }
    return result;
  }

  /** Ends our direction in the words of every layer. */
  finish(slot: number): void {
    this.sayEnd(slot, CLOSE_NORMAL);
    this.#io.finish(slot);
  }

  /**
   * Tells the peer, in the words of its layers, that nothing more will come.
   * @param closeCode of WebSocket
   * @returns whether there was anything to say
   */
  sayEnd(slot: number, closeCode: number): boolean {
    const layers = this.layers[slot]! & ~TAPPED;
    if (layers === PLAIN || (this.#flags[slot]! & SAID_END) !== 0) return false;
    this.#flags[slot]! |= SAID_END;
    if ((layers & TLS) !== 0 && this.tls.state(slot) !== TLS_OPEN && !this.heardEnd(slot))
      return false;
    if ((layers & WEBSOCKET) !== 0 && !this.heardEnd(slot)) this.#sendClose(slot, closeCode);
    if ((layers & TLS) !== 0) {
      this.tls.end(slot);
      this.#sendSealed(slot);
    }
    return true;
  }

  /** True when the peer has ended its direction in the words of a layer. */
  heardEnd(slot: number): boolean {
    return (this.#flags[slot]! & HEARD_END) !== 0;
  }

  /** True, once, when reading may go on because our answers have left. */
  takeChoked(slot: number): boolean {
    const choked = (this.#flags[slot]! & CHOKED) !== 0;
    this.#flags[slot]! &= ~CHOKED;
    return choked;
  }

  isChoked(slot: number): boolean {
    return (this.#flags[slot]! & CHOKED) !== 0;
  }

  /** Gives back what the layers of a slot hold, and closes it. */
  close(slot: number): void {
    this.#forget(slot);
    this.#io.close(slot);
  }

  reset(slot: number): void {
    this.#forget(slot);
    this.#io.reset(slot);
  }

  /** Closes without a word to the peer. */
  drop(slot: number): void {
    this.#forget(slot);
    this.#io.drop(slot);
  }

  #forget(slot: number): void {
    const layers = this.layers[slot]!;
    this.#flags[slot] = 0;
    if (layers === PLAIN) return;
    if ((layers & WEBSOCKET) !== 0) this.#frames.release(slot);
    if ((layers & TLS) !== 0 && this.tls.state(slot) !== TLS_FREE) this.tls.free(slot);
    this.layers[slot] = PLAIN;
  }

  #open(slot: number, offset: number, length: number): number {
    const { tls } = this;
    const wasShaking = tls.state(slot) === TLS_HANDSHAKING;
    const inPlace = tls.opensInPlace(slot);
    this.offset = inPlace ? offset : this.#io.transportOffset;
    const room = inPlace ? length : PLAIN_AREA_SIZE;
    const size = tls.receive(slot, offset, length, this.offset, room);
    const state = tls.state(slot);
    const isDone = wasShaking && state === TLS_OPEN;
    this.#heed(slot, this.#sendSealed(slot, isDone && tls.isFollowed(slot)));
    if (state === TLS_ENDED) this.outcome = ENDED;
    else if (state === TLS_FAILED) this.outcome = TLS_BROKEN;
    return size;
  }

  #unframe(slot: number, length: number): number {
    const frames = this.#frames;
    const size = frames.read(slot, this.#io.bytes, this.offset, length);
    const saidEnd = (this.#flags[slot]! & SAID_END) !== 0;
    if (frames.replyLength > 0 && !saidEnd) this.#heed(slot, this.#sendReply(slot));
    if (size < 0) {
      this.outcome = FRAME_BROKEN;
      this.frameFault = -size;
      return 0;
    }
    if (frames.closeCode(slot) !== 0) this.outcome = ENDED;
    return size;
  }

  // A peer that makes us answer and does not read the answers is not read any more.
  #heed(slot: number, result: number): void {
    if (result !== SEND_WAIT) return;
    this.#flags[slot]! |= CHOKED;
    this.#io.stopReceiving(slot);
  }

  #wrap(slot: number, layers: number, offset: number, length: number): number {
    if ((layers & WEBSOCKET) === 0) return this.#seal(slot, offset, length);
    const area = this.#io.transportOffset + PLAIN_AREA_SIZE;
    const size = this.#frame(slot, area, offset, length);
    return (layers & TLS) === 0 ? this.#io.send(slot, area, size) : this.#seal(slot, area, size);
  }

  // The client's side of a connection masks, the server's does not (RFC 6455, 5.1).
  #frame(slot: number, area: number, offset: number, length: number): number {
    const { bytes } = this.#io;
    const mask = this.#maskFor(slot);
    const header = writeFrameHeader(bytes, area, OPCODE_BINARY, length, mask);
    moveMasked(bytes, area + header, offset, length, mask);
    return header + length;
  }

  #maskFor(slot: number): number {
    return (this.#flags[slot]! & MASKS) === 0 ? NO_MASK : toMaskKey(this.#nextRandom());
  }

  #seal(slot: number, offset: number, length: number): number {
    const { tls } = this;
    if (tls.send(slot, offset, length) < 0) return -errno.EPROTO;
    const size = tls.waiting;
    if (size > this.#io.roomAt(offset, length)) return this.#sendSealed(slot);
    // Nobody needs the plaintext any more: its place is nearest.
    tls.output(slot, offset, size);
    return this.#io.send(slot, offset, size);
  }

  /** @param more whether MQTT will follow at once */
  #sendSealed(slot: number, more = false): number {
    const area = this.#io.transportOffset + PLAIN_AREA_SIZE + FRAME_AREA_SIZE;
    let result = SEND_ON;
    for (;;) {
      const size = this.tls.output(slot, area, SEALED_AREA_SIZE);
      if (size > 0) result = this.#io.send(slot, area, size, more);
      if (size < SEALED_AREA_SIZE || result < 0) return result;
    }
  }

  #sendReply(slot: number): number {
    const { reply, replyLength } = this.#frames;
    const area = this.#io.transportOffset + PLAIN_AREA_SIZE;
    for (let i = 0; i < replyLength; i++) this.#io.bytes[area + i] = reply[i]!;
    return this.#sendControl(slot, area, replyLength);
  }

  #sendClose(slot: number, code: number): void {
    const area = this.#io.transportOffset + PLAIN_AREA_SIZE;
    const size = writeClose(this.#io.bytes, area, code, "", this.#maskFor(slot));
    this.#sendControl(slot, area, size);
  }

  #sendControl(slot: number, area: number, length: number): number {
    const sealed = (this.layers[slot]! & TLS) !== 0;
    return sealed ? this.#seal(slot, area, length) : this.#io.send(slot, area, length);
  }
}
