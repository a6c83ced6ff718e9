// The other end of a slot of a scripted reactor, in TLS: a second OpenSSL session with an arena of
// its own. Bytes pass when the test says so.

import type { TlsContext } from "../../src/tls/tls-context.ts";
import { TLS_OPEN } from "../../src/tls/tls-engine.ts";
import { TlsEnd } from "../tls/tls-scene.ts";
import type { ScriptedIo } from "./scripted-io.ts";

/** Sessions of a peer have one slot. */
const SESSION = 0;

export class TlsPeer {
  readonly end = new TlsEnd();
  private readonly io: ScriptedIo;
  private readonly slot: number;

  private constructor(io: ScriptedIo, slot: number) {
    this.io = io;
    this.slot = slot;
  }

  /** A client of the relay: its hello has not been sent. */
  static client(io: ScriptedIo, slot: number, context: TlsContext): TlsPeer {
    const peer = new TlsPeer(io, slot);
    peer.end.engine.connect(SESSION, context);
    return peer;
  }

  /** A server that the relay has connected to. */
  static server(io: ScriptedIo, slot: number, context: TlsContext): TlsPeer {
    const peer = new TlsPeer(io, slot);
    peer.end.engine.accept(SESSION, context);
    return peer;
  }

  get isOpen(): boolean {
    return this.end.engine.state(SESSION) === TLS_OPEN;
  }

  /** What this side has to say, taken off it. */
  takeFlight(): Buffer {
    return this.end.take(SESSION);
  }

  /** Takes what the relay has sent. @returns what it said, in the clear */
  listen(): Buffer {
    const sent = this.io.taken(this.slot);
    return sent.length === 0 ? Buffer.alloc(0) : this.end.give(SESSION, sent);
  }

  /** Passes bytes both ways until nobody has anything left to say. */
  shakeHands(): void {
    this.listen();
    for (let flight = this.takeFlight(); flight.length > 0; flight = this.takeFlight()) {
      this.io.bring(this.slot, flight);
      this.listen();
    }
  }

  seal(bytes: Uint8Array): Buffer {
    return this.end.seal(SESSION, bytes);
  }

  /** Says something in the clear, sealed on its way. */
  say(bytes: Uint8Array): void {
    this.io.bring(this.slot, this.seal(bytes));
  }

  /** @returns this side's close_notify, sealed */
  sealEnd(): Buffer {
    this.end.engine.end(SESSION);
    return this.takeFlight();
  }

  close(): void {
    this.end.engine.free(SESSION);
    this.end.destroy();
  }
}
