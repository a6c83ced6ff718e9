// How a connection ends: with last words for its client where it has any coming, then both sides
// are closed. Nothing else closes a connection.
//
// Bounded by LINGER_MS, the time that a client gets to read what it was told.

import { assert } from "../assert.ts";
import { REASON } from "../shm/close-reason.ts";
import { COUNTER } from "../shm/counters.ts";
import { CLOSE_GOING_AWAY } from "../websocket/frame-numbers.ts";
import { noteFailure } from "./bans.ts";
import { CLIENT, clientSlot, NO_REASON, SERVER, serverSlot } from "./connections.ts";
import { countOwnConnack } from "./count-mqtt.ts";
import { isBreakdown, writeLastWords } from "./farewell.ts";
import { rememberDetail } from "./log-detail.ts";
import type { RelayContext } from "./relay-context.ts";
import { forgetConnected } from "./server-of-id.ts";
import { leaveLine } from "./stages/await-place.ts";
import { CLOSING, FREE, LINGERING, WAITING } from "./state.ts";
import { releaseStick } from "./stickiness.ts";
import { leaveId } from "./takeovers.ts";

/** How long a client may take to read our last words and close. */
const LINGER_MS = 2_000;

/** Reasons that come right behind a frame whose close code the transport still knows. */
const FRAME_FAULTS: ReadonlySet<number> = new Set([
  REASON["websocket-violation"],
  REASON["websocket-too-large"],
]);

export class Ending {
  readonly #context: RelayContext;

  constructor(context: RelayContext) {
    this.#context = context;
  }

  /** Ends a connection for a reason of the catalogue: with words for the client, or without. */
  end(connection: number, reason: number): void {
    const { connections } = this.#context;
    const state = connections.state[connection]!;
    if (state === CLOSING || state === FREE || state === LINGERING) return;
    connections.reason[connection] = reason;
    connections.endedIn[connection] = state;
    const ban = noteFailure(this.#context, connection, reason);
    leaveId(this.#context, connection);
    if (state === WAITING) leaveLine(this.#context, connection);
    else this.#context.handshakeLine.leave(connection);
    rememberDetail(this.#context, connection, ban);
    forgetConnected(this.#context, connection);
    releaseStick(this.#context, connection);
    const words = writeLastWords(this.#context, connection, reason);
    if (words > 0 ? this.#say(connection, words) : this.#sayEnd(connection)) return;
    this.close(connection);
  }

  // Closing at once would throw away what the client has not read; so we wait for it to close.
  #say(connection: number, length: number): boolean {
    const { connections, io } = this.#context;
    const slot = clientSlot(connection);
    // One that has closed does not listen; one whose server has closed was sent its end already.
    if (connections.ended[connection] !== 0) return false;
    const { tracer, transport } = this.#context;
    if (tracer.isOn) tracer.onOwnPacket(connection, io.scratchOffset, length);
    if (transport.send(slot, io.scratchOffset, length) < 0) return false;
    connections.bytes[slot ^ 1]! += length;
    countOwnConnack(this.#context, length);
    this.#context.row[COUNTER.clientBytesOut]! += length;
    this.#linger(connection);
    return true;
  }

  // An alert, a close frame or an HTTP answer deserves to be read, too.
  #sayEnd(connection: number): boolean {
    const { connections, transport } = this.#context;
    const slot = clientSlot(connection);
    const reason = connections.reason[connection]!;
    if (connections.ended[connection] !== 0 || isBreakdown(reason)) return false;
    const code = FRAME_FAULTS.has(reason) ? transport.frameFault : CLOSE_GOING_AWAY;
    if (connections.parting[connection] === 0 && !transport.sayEnd(slot, code)) return false;
    this.#linger(connection);
    return true;
  }

  #linger(connection: number): void {
    const { connections, io, transport } = this.#context;
    const slot = clientSlot(connection);
    connections.enter(connection, LINGERING);
    this.#closeServer(connection);
    transport.finish(slot);
    io.startReceiving(slot);
    io.setDeadline(slot, io.now + LINGER_MS);
  }

  /** Closes both sides now; onClosed follows for each. */
  close(connection: number): void {
    this.#context.connections.enter(connection, CLOSING);
    this.#closeServer(connection);
    this.#closeSide(connection, CLIENT);
  }

  #closeServer(connection: number): void {
    const context = this.#context;
    context.held.clear(connection);
    context.paced.end(connection);
    context.forgetAnswer(connection);
    if (this.#isOpen(connection, SERVER))
      context.transport.sayEnd(serverSlot(connection), CLOSE_GOING_AWAY);
    this.#closeSide(connection, SERVER);
  }

  // A side that broke is not the only one to know: a reset goes through to the other.
  #closeSide(connection: number, side: number): void {
    const { connections, transport } = this.#context;
    if (!this.#isOpen(connection, side)) return;
    assert(connections.reason[connection] !== NO_REASON, "a connection ends for a reason");
    connections.closing[connection]! |= side;
    const slot = side === CLIENT ? clientSlot(connection) : serverSlot(connection);
    const reason = connections.reason[connection]!;
    if (reason === REASON["dropped-by-rule"]) transport.drop(slot);
    else if (isBreakdown(reason)) transport.reset(slot);
    else transport.close(slot);
  }

  #isOpen(connection: number, side: number): boolean {
    const { connections } = this.#context;
    return (connections.open[connection]! & ~connections.closing[connection]! & side) !== 0;
  }
}
