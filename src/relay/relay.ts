// The relay: what the reactor tells is handed to the stage that the connection is in, and what the
// stage answers is carried out. Connections begin and end here and nowhere else.
//
// Bounded by connectionsMax and the limits of the plan. Nothing here allocates per event.

import { assert } from "../assert.ts";
import { ENDPOINT_SIZE } from "../bytes/endpoint.ts";
import { END_OF_STREAM, type IoHandler } from "../io/io.ts";
import { REASON } from "../shm/close-reason.ts";
import { COUNTER, LISTENER_COUNTER, LISTENER_COUNTERS } from "../shm/counters.ts";
import type { Plan } from "../shm/plan.ts";
import { logFinished } from "./access-record.ts";
import {
  CLIENT,
  clientSlot,
  connectionOf,
  NO_SERVER,
  SERVER,
  serverSlot,
  sideOf,
} from "./connections.ts";
import { writeGoodbye, writeRefusal } from "./last-words.ts";
import { PlanChanges } from "./plan-changes.ts";
import { RelayContext, type RelayParts } from "./relay-context.ts";
import { ACCEPTED, UNANSWERED } from "./server-answer.ts";
import { chooseServer, stick } from "./stages/choose-server.ts";
import {
  afterFailure,
  dial,
  loseServer,
  onDialled,
  onDialTimeout,
  retry,
} from "./stages/dial-server.ts";
import { onPipeDeadline, onPiped, onUnblocked, startPipe } from "./stages/pipe.ts";
import { onConnectBytes } from "./stages/read-connect.ts";
import { CLOSING, DIALLING, FREE, LINGERING, READING_CONNECT, RELAYING } from "./state.ts";
import { ANOTHER, NEXT, reasonOf, STAY } from "./verdict.ts";

/** How long a client may take to read our last words and close. */
const LINGER_MS = 2_000;

/** Reasons that are passed on as a reset, so that the other side does not take them for an end. */
const BROKEN: ReadonlySet<number> = new Set([
  REASON["client-reset"],
  REASON["client-unreachable"],
  REASON["server-reset"],
  REASON["server-unreachable"],
  REASON["buffers-exhausted"],
]);

export class Relay implements IoHandler {
  readonly context: RelayContext;
  readonly plans: PlanChanges;
  /** Called when another thread rang. */
  readonly #onWake: () => void;
  /** Listeners that stopped accepting for want of file descriptors. */
  starved = false;

  constructor(parts: RelayParts, onWake: () => void) {
    this.context = new RelayContext(parts, this);
    this.plans = new PlanChanges(this.context);
    this.#onWake = onWake;
  }

  /** Runs a plan from now on; open connections keep the one that routed them. */
  usePlan(plan: Plan): void {
    this.plans.use(plan);
  }

  get connectionCount(): number {
    return this.context.connections.count;
  }

  stopListening(): void {
    this.starved = false;
    this.plans.listening.stop();
  }

  /** Gives back what the plans took. Every connection must have ended. */
  destroy(): void {
    assert(this.connectionCount === 0, "a relay that ends serves nobody");
    this.plans.closeAll();
  }

  /** Ends a connection from outside its own events: shutting down, or the operator's wish. */
  endConnection(connection: number, reason: number): void {
    this.#end(connection, reason);
  }

  /** Closes a connection that has been told its last words and does not go. */
  closeNow(connection: number): void {
    const state = this.#stateOf(connection);
    if (state !== CLOSING && state !== FREE) this.#close(connection);
  }

  /** True when a shutdown may end it now without cutting a packet in two. */
  isBetweenPackets(connection: number): boolean {
    const { connections, tracker } = this.context;
    if (connections.state[connection] !== RELAYING || connections.level[connection] === 0) {
      return true;
    }
    const slot = clientSlot(connection);
    const whole = tracker.atBoundary(slot) && tracker.atBoundary(slot ^ 1);
    return whole && connections.blocked[connection] === 0;
  }

  /** Accepts again after EMFILE, when a descriptor may have become free. */
  resumeAccepting(): void {
    if (!this.starved) return;
    this.starved = false;
    this.plans.listening.resume();
  }

  onAccept(listener: number): number {
    const { context } = this;
    const { connections } = context;
    this.plans.listening.onAccept(listener);
    context.row[COUNTER.accepts]! += 1;
    this.#countAtListener(listener, LISTENER_COUNTER.accepts);
    const reason = this.#admit(listener);
    if (reason !== STAY) return this.#turnAway(listener, reason);
    const connection = connections.allocate();
    assert(connection >= 0, "a worker's table holds what the process admits");
    context.row[COUNTER.connectionsActive]! += 1;
    return clientSlot(connection);
  }

  onAccepted(slot: number, listener: number): void {
    const { context } = this;
    const { connections, io } = context;
    const connection = connectionOf(slot);
    connections.begin(connection, READING_CONNECT, io.now);
    connections.listener[connection] = listener;
    connections.plan[connection] = this.plans.listening.planOf(listener);
    const plan = context.listenerOf(connection);
    connections.pool[connection] = plan.pool;
    context.tracker.reset(slot);
    context.tracker.reset(slot ^ 1);
    // Now: whatever the client does next, the log knows who it was.
    io.readPeer(slot, connections.endpoints, connection * ENDPOINT_SIZE);
    if (plan.protocol === "mqtt") {
      io.setDeadline(slot, io.now + plan.connectDeadlineMs);
      io.startReceiving(slot);
    } else {
      // Bytes are relayed as they come: there is no CONNECT to wait for.
      this.#perform(connection, NEXT);
    }
  }

  onAcceptFailed(_listener: number, _result: number): void {
    this.context.row[COUNTER.acceptPauses]! += 1;
    this.starved = true;
    this.plans.listening.pause();
  }

  onConnect(slot: number, result: number): void {
    const connection = connectionOf(slot);
    assert(this.#stateOf(connection) === DIALLING, "only a dialling connection is answered");
    this.#perform(connection, onDialled(this.context, connection, result));
  }

  onReceive(slot: number, offset: number, result: number): void {
    const connection = slot >> 1;
    switch (this.#stateOf(connection)) {
      case RELAYING: {
        const verdict = onPiped(this.context, slot, offset, result);
        if (verdict !== STAY) this.#perform(connection, verdict);
        return;
      }
      case READING_CONNECT:
        this.#readConnect(connection, offset, result);
        return;
      case LINGERING:
        if (result <= END_OF_STREAM) this.#close(connection);
        return;
      default:
        assert(false, "a connection that receives is reading, relaying or lingering");
    }
  }

  onSent(slot: number, result: number): void {
    const connection = connectionOf(slot);
    if (this.#stateOf(connection) === LINGERING) {
      if (result < 0) this.#close(connection);
      return;
    }
    assert(this.#stateOf(connection) === RELAYING, "only a relaying connection sends");
    this.#perform(connection, onUnblocked(this.context, slot, result));
  }

  onDeadline(slot: number): void {
    const connection = connectionOf(slot);
    switch (this.#stateOf(connection)) {
      case READING_CONNECT:
        this.#end(connection, REASON["connect-deadline"]);
        return;
      case DIALLING: {
        const pausing = sideOf(slot) === CLIENT;
        const next = pausing ? retry : onDialTimeout;
        this.#perform(connection, next(this.context, connection));
        return;
      }
      case RELAYING:
        this.#perform(connection, onPipeDeadline(this.context, connection));
        return;
      case LINGERING:
        this.#close(connection);
        return;
      default:
        assert(false, "a closing connection has no deadline");
    }
  }

  onClosed(slot: number): void {
    const { connections } = this.context;
    const connection = connectionOf(slot);
    connections.open[connection]! &= ~sideOf(slot);
    connections.closing[connection]! &= ~sideOf(slot);
    const state = this.#stateOf(connection);
    if (state === DIALLING) {
      this.#perform(connection, afterFailure(this.context, connection));
    } else if (state === CLOSING && connections.open[connection] === 0) {
      this.#release(connection);
    }
  }

  onWake(): void {
    this.#onWake();
  }

  // Carries out what a stage answered.
  #perform(connection: number, verdict: number): void {
    if (verdict === STAY) return;
    if (verdict < 0) {
      this.#end(connection, reasonOf(verdict));
      return;
    }
    if (verdict === ANOTHER) {
      this.#toAnother(connection);
      return;
    }
    assert(verdict === NEXT, "a verdict is STAY, NEXT, ANOTHER or a reason to end");
    if (this.#stateOf(connection) === READING_CONNECT) this.#toDialling(connection);
    else this.#toRelaying(connection);
  }

  #readConnect(connection: number, offset: number, result: number): void {
    if (result <= END_OF_STREAM) {
      this.context.connections.errno[connection] = -result;
      this.#end(connection, REASON["closed-before-connect"]);
      return;
    }
    this.#perform(connection, onConnectBytes(this.context, connection, offset, result));
  }

  #toDialling(connection: number): void {
    const { context } = this;
    const { connections, io } = context;
    const slot = clientSlot(connection);
    io.stopReceiving(slot);
    io.clearDeadline(slot);
    const verdict = chooseServer(context, connection);
    if (verdict !== NEXT) {
      this.#perform(connection, verdict);
      return;
    }
    connections.enter(connection, DIALLING);
    dial(context, connection);
  }

  #toAnother(connection: number): void {
    const { connections, io } = this.context;
    const slot = clientSlot(connection);
    if (this.#stateOf(connection) === RELAYING) {
      io.stopReceiving(slot);
      io.clearDeadline(slot);
      connections.enter(connection, DIALLING);
    }
    loseServer(this.context, connection);
  }

  #toRelaying(connection: number): void {
    this.context.connections.enter(connection, RELAYING);
    stick(this.context, connection);
    startPipe(this.context, connection);
  }

  // The one way in which a connection comes to its end: with words for the client, or without.
  #end(connection: number, reason: number): void {
    const { connections } = this.context;
    const state = this.#stateOf(connection);
    if (state === CLOSING || state === FREE || state === LINGERING) return;
    connections.reason[connection] = reason;
    const words = this.#writeLastWords(connection, reason);
    if (words === 0 || !this.#say(connection, words)) this.#close(connection);
  }

  #writeLastWords(connection: number, reason: number): number {
    const { connections, io, tracker } = this.context;
    const level = connections.level[connection]!;
    const state = this.#stateOf(connection);
    if (state === READING_CONNECT || state === DIALLING) {
      return writeRefusal(io, reason, connections.rule[connection]!, level);
    }
    const atBoundary = tracker.atBoundary(serverSlot(connection));
    if (state !== RELAYING || !atBoundary || connections.blocked[connection] !== 0) return 0;
    const answer = connections.answer[connection];
    if (answer === UNANSWERED) return writeRefusal(io, reason, 0, level);
    return answer === ACCEPTED ? writeGoodbye(io, reason, level) : 0;
  }

  // Closing at once would throw away what the client has not read; so we wait for it to close.
  #say(connection: number, length: number): boolean {
    const { connections, io } = this.context;
    const slot = clientSlot(connection);
    // One that has closed does not listen; one whose server has closed was sent its end already.
    if (connections.ended[connection] !== 0) return false;
    if (io.send(slot, io.scratchOffset, length) < 0) return false;
    connections.bytes[slot ^ 1]! += length;
    this.context.row[COUNTER.clientBytesOut]! += length;
    connections.enter(connection, LINGERING);
    this.#closeServer(connection);
    io.finish(slot);
    io.startReceiving(slot);
    io.setDeadline(slot, io.now + LINGER_MS);
    return true;
  }

  #close(connection: number): void {
    this.context.connections.enter(connection, CLOSING);
    this.#closeServer(connection);
    this.#closeSide(connection, CLIENT);
  }

  #closeServer(connection: number): void {
    this.context.held.clear(connection);
    this.#closeSide(connection, SERVER);
  }

  // A side that broke is not the only one to know: a reset goes through to the other.
  #closeSide(connection: number, side: number): void {
    const { connections, io } = this.context;
    if ((connections.open[connection]! & ~connections.closing[connection]! & side) === 0) return;
    connections.closing[connection]! |= side;
    const slot = side === CLIENT ? clientSlot(connection) : serverSlot(connection);
    if (BROKEN.has(connections.reason[connection]!)) io.reset(slot);
    else io.close(slot);
  }

  #release(connection: number): void {
    const { context } = this;
    const listener = context.connections.listener[connection]!;
    const server = context.connections.server[connection]!;
    logFinished(context, connection);
    if (server !== NO_SERVER) context.servers.release(server);
    context.process.release(0);
    context.listeners.release(listener);
    context.row[COUNTER.connectionsActive]! -= 1;
    context.connections.release(connection);
    this.resumeAccepting();
  }

  #admit(listener: number): number {
    const { context } = this;
    if (!context.process.tryAcquire(0)) return REASON["process-full"];
    if (context.listeners.tryAcquire(listener)) return STAY;
    context.process.release(0);
    return REASON["listener-full"];
  }

  #turnAway(listener: number, reason: number): number {
    this.context.row[COUNTER.acceptsRefused]! += 1;
    this.context.row[COUNTER.closed + reason]! += 1;
    this.#countAtListener(listener, LISTENER_COUNTER.refused);
    return -1;
  }

  #countAtListener(listener: number, counter: number): void {
    this.context.counters.listeners[listener * LISTENER_COUNTERS + counter]! += 1;
  }

  #stateOf(connection: number): number {
    return this.context.connections.state[connection]!;
  }
}
