// Somebody who speaks MQTT through layers at one end of a scripted connection: TLS, WebSocket, both
// or neither. What is said is cut into frames and pieces as the dice fall.

import type { TlsContext } from "../../src/tls/tls-context.ts";
import { acceptOf } from "../../src/websocket/accept-key.ts";
import { makeFrame, readFrames } from "../fixtures/frames.ts";
import type { Random } from "../fuzz/random.ts";
import type { ScriptedIo } from "./scripted-io.ts";
import { TlsPeer } from "./tls-peer.ts";

const CONTINUATION = 0;
const BINARY = 2;
const PING = 9;
const PONG = 10;
const END_OF_HEAD = "\r\n\r\n";
const PIECE_SIZE_MAX = 20_000;

const REQUEST = [
  ...["GET /mqtt HTTP/1.1", "Host: broker.example", "Upgrade: websocket", "Connection: Upgrade"],
  ...["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="],
].join("\r\n");

const ANSWER = [
  ...["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"],
  ...["Sec-WebSocket-Protocol: mqtt", "Sec-WebSocket-Accept: "],
].join("\r\n");

export interface TalkOptions {
  readonly io: ScriptedIo;
  readonly slot: number;
  readonly random: Random;
  readonly isServer: boolean;
  /** Null: no TLS. */
  readonly tls: TlsContext | null;
  readonly websocket: boolean;
}

export class LayeredTalk {
  /** What was said to the relay. */
  readonly said: number[] = [];
  /** What was heard of it, out of all layers. */
  readonly heard: number[] = [];
  pongs = 0;
  private readonly options: TalkOptions;
  private readonly peer: TlsPeer | null;
  private wire: Buffer = Buffer.alloc(0);
  private frames: Buffer = Buffer.alloc(0);

  constructor(options: TalkOptions) {
    const { io, slot, tls, isServer } = options;
    this.options = options;
    const play = isServer ? TlsPeer.server : TlsPeer.client;
    this.peer = tls === null ? null : play(io, slot, tls);
    this.peer?.shakeHands();
    if (options.websocket) this.upgrade();
    else if (this.peer !== null) this.heard.push(...this.heardSoFar());
  }

  /** True when everything that was said has been brought. */
  get isQuiet(): boolean {
    return this.wire.length === 0;
  }

  /** Says bytes of MQTT: they wait to be brought. */
  say(bytes: Uint8Array): void {
    this.said.push(...bytes);
    this.put(this.options.websocket ? this.framed(bytes) : bytes);
  }

  /** Brings a piece of what waits. @returns whether the relay listened and there was some */
  bring(): boolean {
    const { io, slot, random } = this.options;
    if (this.isQuiet || !io.socket(slot).receiving) return false;
    const size = Math.min(
      this.wire.length,
      1 + random.below(random.pick([5, 500, PIECE_SIZE_MAX])),
    );
    io.bring(slot, this.wire.subarray(0, size));
    this.wire = this.wire.subarray(size);
    return true;
  }

  /** Takes what the relay has sent. */
  listen(): void {
    const { io, slot, websocket, isServer } = this.options;
    const bytes = this.peer === null ? io.taken(slot) : this.peer.listen();
    if (!websocket) {
      this.heard.push(...bytes);
      return;
    }
    const { frames, rest } = readFrames(Buffer.concat([this.frames, bytes]));
    this.frames = rest;
    for (const { opcode, masked, payload } of frames) {
      if (masked !== isServer) throw new Error("Expected masks from clients and from nobody else");
      if (opcode === BINARY) this.heard.push(...payload);
      if (opcode === PONG) this.pongs++;
    }
  }

  close(): void {
    this.peer?.close();
  }

  private upgrade(): void {
    const { io, slot, isServer } = this.options;
    if (!isServer) {
      this.put(Buffer.from(REQUEST + END_OF_HEAD));
      while (this.bring());
    }
    const sent = this.peer === null ? Buffer.from(io.taken(slot)) : this.heardSoFar();
    if (!sent.includes(END_OF_HEAD)) throw new Error(`Expected a head of HTTP, not ${sent}`);
    if (!isServer) return;
    const [, key] = sent.toString().match(/^Sec-WebSocket-Key: (\S+)\r$/m) ?? [];
    this.put(Buffer.from(ANSWER + acceptOf(key!) + END_OF_HEAD));
    while (this.bring());
  }

  // A server's peer has heard the request during the handshake.
  private heardSoFar(): Buffer {
    this.peer!.listen();
    return this.peer!.end.heard[0] ?? Buffer.alloc(0);
  }

  private put(bytes: Uint8Array): void {
    this.wire = Buffer.concat([this.wire, this.peer === null ? bytes : this.peer.seal(bytes)]);
  }

  private framed(bytes: Uint8Array): Buffer {
    const { random, isServer } = this.options;
    const frames: Uint8Array[] = [];
    const masked = !isServer;
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + random.below(random.pick([3, 200, 20_000]));
      const payload = bytes.slice(at, at + size);
      const opcode = at === 0 ? BINARY : CONTINUATION;
      frames.push(makeFrame({ opcode, fin: at + size >= bytes.length, masked, payload }));
      if (random.oneIn(4)) frames.push(makeFrame({ opcode: PING, masked }));
      at += size;
    }
    return Buffer.concat(frames);
  }
}
