// The relay: what the reactor tells is handed to the stage that the connection is in, and what the
// stage answers is carried out. Connections begin and end here and nowhere else.
//
// Bounded by connectionsMax and the limits of the plan. Nothing here allocates per event.

import { assert } from "../assert.ts";
import { ENDPOINT_SIZE } from "../bytes/endpoint.ts";
import { END_OF_STREAM, type IoHandler } from "../io/io.ts";
import { REASON } from "../shm/close-reason.ts";
import { COUNTER } from "../shm/counters.ts";
import type { Plan, TlsListenerPlan } from "../shm/plan.ts";
import type { TraceOrder } from "../shm/worker-messages.ts";
import { ENDED, GOES_ON, PLAIN } from "../transport/transport.ts";
import { logFinished } from "./access-record.ts";
import { admit, countOut, countTurnedAway, countWaited } from "./admission.ts";
import { CLIENT, clientSlot, connectionOf, NO_SERVER, SERVER, sideOf } from "./connections.ts";
import { Cuts } from "./cuts.ts";
import { earlyStage } from "./early-stages.ts";
import { Ending } from "./ending.ts";
import { Evictions } from "./evictions.ts";
import { mayShakeHands, serveHandshakes } from "./handshake-line.ts";
import { PlanChanges } from "./plan-changes.ts";
import { PolicyMachine } from "./policy-machine.ts";
import { RelayContext, type RelayParts } from "./relay-context.ts";
import { RuleMachine } from "./rule-machine.ts";
import { onPolicy } from "./stages/apply-policy.ts";
import { onAcceptedRules, onContentRules, onSessionRules } from "./stages/apply-rules.ts";
import { awaitPlace, hasLine, lateInLine, leaveLine, lineVerdict } from "./stages/await-place.ts";
import { isWaitedFor } from "./stages/choose-server.ts";
import {
  afterFailure,
  dial,
  loseServer,
  onDialled,
  onDialTimeout,
  onGreetingLost,
  onServerBytes,
  retry,
} from "./stages/dial-server.ts";
import { hold } from "./stages/early-bytes.ts";
import { onPipeDeadline, onPiped, onUnblocked, startPipe } from "./stages/pipe.ts";
import { takeTurn } from "./stages/take-turn.ts";
import {
  CLOSING,
  DIALLING,
  FREE,
  isEarly,
  LINGERING,
  READING_CONNECT,
  RELAYING,
  UPGRADING,
  WAITING,
} from "./state.ts";
import { deadlineOf, firstState, lateReason, leftReason, stateAfter } from "./steps.ts";
import { stick } from "./stickiness.ts";
import { renewCertificates } from "./tls-routes.ts";
import { Tracing } from "./tracing.ts";
import { onLayerBroken } from "./transport-reason.ts";
import { TurnedAway } from "./turned-away.ts";
import { ANOTHER, NEXT, reasonOf, STAY, TOO_FAST } from "./verdict.ts";

/** Lanes of a pool that are looked at in vain in one turn: another one's server may have room. */
const MISSES_MAX = 8;

export class Relay implements IoHandler {
  readonly context: RelayContext;
  readonly plans: PlanChanges;
  /** Called when another thread rang. */
  readonly #onWake: () => void;
  readonly #cuts: Cuts;
  readonly #turnedAway: TurnedAway;
  readonly #evictions: Evictions;
  readonly #ending: Ending;
  readonly #tracing: Tracing;
  readonly #end = (connection: number, reason: number): void => {
    this.#ending.end(connection, reason);
  };
  constructor(parts: RelayParts, onWake: () => void) {
    this.context = new RelayContext(parts, this);
    this.context.rules = new RuleMachine(this.context, parts.tracked, parts.workerCount);
    this.context.policies = new PolicyMachine(this.context, parts);
    this.#tracing = new Tracing(this.context);
    this.context.tracer = this.#tracing;
    this.#cuts = new Cuts(this.context);
    this.#turnedAway = new TurnedAway(this.context);
    this.#evictions = new Evictions(this.context);
    this.#ending = new Ending(this.context);
    this.plans = new PlanChanges(this.context);
    this.#onWake = onWake;
  }

  /** Runs a plan from now on; open connections keep the one that routed them. */
  usePlan(plan: Plan): void {
    this.plans.use(plan);
  }

  /** New handshakes on a listener get these certificates; open sessions keep theirs. */
  renewCertificates(listener: number, tls: TlsListenerPlan): void {
    const { routes, tickets } = this.context;
    if (routes !== null) renewCertificates(routes.tls, listener, tls, tickets);
  }

  /** Shows the packets of some clients to the control plane, or those of others. */
  trace(order: TraceOrder): void {
    this.#tracing.use(order);
  }

  /** Listeners have stopped accepting for want of file descriptors. */
  get starved(): boolean {
    return this.plans.listening.isStarved;
  }

  get connectionCount(): number {
    return this.context.connections.count;
  }

  stopListening(): void {
    this.plans.listening.stop();
  }

  /** Gives back what the plans took. Every connection must have ended. */
  destroy(): void {
    assert(this.connectionCount === 0, "a relay that ends serves nobody");
    this.plans.closeAll();
  }

  /** Ends a connection from outside its own events: shutting down, or the operator's wish. */
  endConnection(connection: number, reason: number): void {
    this.#ending.end(connection, reason);
  }

  /** Closes a connection that has been told its last words and does not go. */
  closeNow(connection: number): void {
    const state = this.#stateOf(connection);
    if (state !== CLOSING && state !== FREE) this.#ending.close(connection);
  }

  /** Ends the connections of servers that are to be rid of them, or of some. */
  carryOutCuts(): void {
    this.#cuts.afterTurn(this.#end);
    this.#evictions.afterTurn(this.#end);
  }

  /** Sends on those who have waited longest, as far as servers have places for them. */
  serveWaiting(): void {
    const { waiting } = this.context;
    for (let pool = 0; waiting.count > 0 && pool < waiting.poolsEnd; pool++) {
      for (let misses = 0; misses < MISSES_MAX && waiting.ofPool(pool) > 0; ) {
        const connection = waiting.first(pool);
        const verdict = takeTurn(this.context, connection);
        waiting.pass(connection);
        const hasLanes = verdict === TOO_FAST || isWaitedFor(this.context.poolOf(connection));
        if (verdict === NEXT) this.#leaveLine(connection);
        else misses = hasLanes ? misses + 1 : MISSES_MAX;
      }
    }
    serveHandshakes(this.context);
  }

  #leaveLine(connection: number): void {
    leaveLine(this.context, connection);
    this.#dial(connection);
  }

  onAccept(listener: number): number {
    const { context } = this;
    if (this.plans.listening.onAccept(listener)) countWaited(context, listener);
    const reason = admit(context, listener);
    if (reason !== STAY) {
      countTurnedAway(context, listener, reason);
      this.#turnedAway.log(listener, reason);
      return -1;
    }
    const connection = context.connections.allocate();
    assert(connection >= 0, "a worker's table holds what the process admits");
    return clientSlot(connection);
  }

  onAccepted(slot: number, listener: number): void {
    const { context } = this;
    const { connections, io } = context;
    const connection = connectionOf(slot);
    const index = this.plans.listening.planOf(listener);
    const state = firstState(context.plans.of(index).plan.listeners[listener]!);
    // Where nothing is read first, this state is passed through at once.
    connections.begin(connection, state === DIALLING ? READING_CONNECT : state, io.now);
    connections.listener[connection] = listener;
    connections.plan[connection] = index;
    const plan = context.listenerOf(connection);
    connections.pool[connection] = plan.pool;
    context.tracker.reset(slot);
    context.tracker.reset(slot ^ 1);
    // Now: whatever the client does next, the log knows who it was.
    io.readPeer(slot, connections.endpoints, connection * ENDPOINT_SIZE);
    let ruled = onAcceptedRules(context, connection);
    if (ruled === STAY) this.plans.listening.onLetIn(listener);
    if (ruled === STAY && state >= READING_CONNECT) ruled = onSessionRules(context, connection);
    if (ruled !== STAY || state === DIALLING) {
      // Where bytes are relayed as they come, there is nothing to wait for.
      this.#perform(connection, ruled === STAY ? NEXT : ruled);
      return;
    }
    io.setDeadline(slot, io.now + deadlineOf(plan, state));
    if (mayShakeHands(context, connection)) io.startReceiving(slot);
  }

  onAcceptFailed(_listener: number, _result: number): void {
    this.context.row[COUNTER.acceptPauses]! += 1;
    this.plans.listening.pause();
  }

  onConnect(slot: number, result: number): void {
    const connection = connectionOf(slot);
    assert(this.#stateOf(connection) === DIALLING, "only a dialling connection is answered");
    this.#perform(connection, onDialled(this.context, connection, result));
  }

  onReceive(slot: number, offset: number, result: number): void {
    const isWrapped = this.context.transport.layers[slot] !== PLAIN;
    const state = this.#stateOf(slot >> 1);
    const isUnwrapped = state === RELAYING || (state >= UPGRADING && state <= WAITING);
    if (isWrapped && isUnwrapped && result > END_OF_STREAM) this.#unwrap(slot, offset, result);
    else this.#onBytes(slot, offset, result);
  }

  onSent(slot: number, result: number): void {
    const { context } = this;
    const connection = connectionOf(slot);
    const state = this.#stateOf(connection);
    if (state === LINGERING) {
      if (result < 0) this.#ending.close(connection);
      return;
    }
    const wasChoked = context.transport.takeChoked(slot);
    if (state === RELAYING) {
      this.#perform(connection, onUnblocked(context, slot, result));
    } else if (state === DIALLING) {
      this.#onSentWhileDialling(slot, result);
      return;
    } else if (result < 0) {
      context.connections.errno[connection] = -result;
      this.#ending.end(connection, REASON["client-reset"]);
    }
    if (wasChoked) this.#readOn(slot);
  }

  onDeadline(slot: number): void {
    const connection = connectionOf(slot);
    const state = this.#stateOf(connection);
    if (isEarly(state)) {
      const isInLine = state === WAITING;
      const reason = isInLine ? lateInLine(this.context, connection) : lateReason(state);
      this.#ending.end(connection, reason);
      return;
    }
    switch (state) {
      case DIALLING: {
        const pausing = sideOf(slot) === CLIENT;
        const next = pausing ? retry : onDialTimeout;
        this.#perform(connection, next(this.context, connection));
        return;
      }
      case RELAYING:
        this.#perform(connection, onPipeDeadline(this.context, slot));
        return;
      case LINGERING:
        this.#ending.close(connection);
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
    if (state === DIALLING) this.#perform(connection, afterFailure(this.context, connection));
    else if (state === CLOSING && connections.open[connection] === 0) this.#release(connection);
  }

  onWake(): void {
    this.#onWake();
  }

  #onBytes(slot: number, offset: number, result: number): void {
    const connection = slot >> 1;
    const state = this.#stateOf(connection);
    switch (state) {
      case RELAYING: {
        const verdict = onPiped(this.context, slot, offset, result);
        if (verdict !== STAY) this.#performOn(connection, verdict, offset, result);
        return;
      }
      case LINGERING:
        if (result <= END_OF_STREAM) this.#ending.close(connection);
        return;
      case DIALLING:
        assert(sideOf(slot) === SERVER, "a client is not read while its server is dialled");
        this.#perform(connection, onServerBytes(this.context, connection, offset, result));
        return;
      default:
        assert(isEarly(state), "a connection that receives is not closed");
        this.#onEarlyBytes(connection, offset, result);
    }
  }

  #unwrap(slot: number, offset: number, length: number): void {
    const { transport } = this.context;
    const connection = slot >> 1;
    if (transport.heardEnd(slot)) return;
    const size = transport.receive(slot, offset, length);
    const { outcome } = transport;
    if (size > 0) this.#onBytes(slot, transport.offset, size);
    if (outcome === GOES_ON) return;
    this.context.io.stopReceiving(slot);
    const state = this.#stateOf(connection);
    if (state !== RELAYING && !isEarly(state)) return;
    if (outcome !== ENDED) {
      const verdict = onLayerBroken(this.context, slot, outcome);
      this.#performOn(connection, verdict, offset, length);
    } else if (isEarly(state)) this.#ending.end(connection, leftReason(state));
    else this.#onBytes(slot, 0, END_OF_STREAM);
  }

  // A stage takes what it needs; what it leaves is for the next one.
  #onEarlyBytes(connection: number, offset: number, result: number): void {
    const { context } = this;
    const { connections } = context;
    if (result <= END_OF_STREAM) {
      connections.errno[connection] = -result;
      // The wire itself has ended: nothing more will tell that last words were heard.
      connections.ended[connection]! |= CLIENT;
      this.#ending.end(connection, leftReason(this.#stateOf(connection)));
      return;
    }
    context.restOffset = offset;
    context.restLength = result;
    while (context.restLength > 0 && isEarly(this.#stateOf(connection))) {
      const { restOffset: at, restLength: length } = context;
      context.restLength = 0;
      const stage = earlyStage(this.#stateOf(connection));
      this.#performOn(connection, stage(context, connection, at, length), at, length);
    }
  }

  #onSentWhileDialling(slot: number, result: number): void {
    if (result === 0) return;
    const connection = connectionOf(slot);
    if (sideOf(slot) === SERVER) {
      this.#perform(connection, onGreetingLost(this.context, connection, -result));
      return;
    }
    this.context.connections.errno[connection] = -result;
    this.#ending.end(connection, REASON["client-reset"]);
  }

  // Our answers have left: the peer that made us give them may go on, unless another waits for it.
  #readOn(slot: number): void {
    const { connections, io } = this.context;
    const connection = connectionOf(slot);
    const state = this.#stateOf(connection);
    const isPaced = sideOf(slot) === CLIENT && this.context.paced.holds(connection);
    const isOpen = !isPaced && (state === RELAYING || isEarly(state));
    const waits = connections.blocked[connection]! & sideOf(slot ^ 1);
    const hasEnded = connections.ended[connection]! & sideOf(slot);
    if (isOpen && waits === 0 && hasEnded === 0) io.startReceiving(slot);
  }

  // The same, of an answer to bytes: how they began is kept where they are why it ends.
  #performOn(connection: number, verdict: number, offset: number, length: number): void {
    if (verdict < 0) this.context.errors.note(connection, verdict, offset, length);
    this.#perform(connection, verdict);
  }

  // Carries out what a stage answered.
  #perform(connection: number, verdict: number): void {
    if (verdict === STAY) return;
    if (verdict < 0) {
      this.#ending.end(connection, reasonOf(verdict));
      return;
    }
    if (verdict === ANOTHER) {
      this.#toAnother(connection);
      return;
    }
    if (verdict === TOO_FAST) {
      this.#perform(connection, awaitPlace(this.context, connection, verdict));
      return;
    }
    assert(verdict === NEXT, "a verdict is one of verdict.ts or a reason to end");
    if (isEarly(this.#stateOf(connection))) this.#advance(connection);
    else this.#toRelaying(connection);
  }

  // An early stage is done.
  #advance(connection: number): void {
    const { context } = this;
    const { connections, io } = context;
    const listener = context.listenerOf(connection);
    const from = this.#stateOf(connection);
    const state = stateAfter(listener, from);
    if (from < READING_CONNECT && state >= READING_CONNECT) {
      const ruled = onSessionRules(context, connection);
      if (ruled !== STAY) {
        this.#perform(connection, ruled);
        return;
      }
    }
    if (state === DIALLING) {
      this.#toDialling(connection);
      return;
    }
    connections.enter(connection, state);
    io.setDeadline(clientSlot(connection), io.now + deadlineOf(listener, state));
  }

  #toDialling(connection: number): void {
    const { context } = this;
    const slot = clientSlot(connection);
    context.io.stopReceiving(slot);
    context.io.clearDeadline(slot);
    const kept = this.#keepRest(connection);
    const allowed = kept === STAY ? onPolicy(context, connection) : kept;
    const ruled = allowed === STAY ? onContentRules(context, connection) : allowed;
    if (ruled === STAY) this.#seekServer(connection);
    else this.#perform(connection, ruled);
  }

  // What came in one breath with the end of the last early stage is for the server.
  #keepRest(connection: number): number {
    const { context } = this;
    const length = context.takeRest();
    return length === 0 ? STAY : hold(context, connection, context.restOffset, length);
  }

  #seekServer(connection: number): void {
    const { context } = this;
    const verdict = hasLine(context, connection)
      ? lineVerdict(context, connection)
      : takeTurn(context, connection);
    if (verdict === NEXT) this.#dial(connection);
    else this.#perform(connection, awaitPlace(context, connection, verdict));
  }

  #dial(connection: number): void {
    this.context.connections.enter(connection, DIALLING);
    dial(this.context, connection);
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
    const { context } = this;
    const slot = clientSlot(connection);
    context.connections.enter(connection, RELAYING);
    // An MQTT client sticks once its server has let it in.
    if (context.connections.level[connection] === 0) stick(context, connection);
    startPipe(context, connection);
    // Nothing more will come off the wire to tell of this end.
    if (context.transport.heardEnd(slot)) this.#onBytes(slot, 0, END_OF_STREAM);
  }

  #release(connection: number): void {
    const { context } = this;
    const { countedOut, listener: listeners, server: servers } = context.connections;
    const listener = listeners[connection]!;
    const server = servers[connection]!;
    logFinished(context, connection);
    if (context.tracer.isOn) context.tracer.onEnded(connection);
    if (context.connections.hasConnect[connection] !== 0) context.policies.tellEnd(connection);
    if (server !== NO_SERVER && countedOut[connection] === 0) context.servers.release(server);
    context.rules.release(connection);
    context.connections.release(connection);
    countOut(context, connection, listener);
    // It held descriptors, for want of which listeners may have stopped.
    if (this.starved) this.plans.listening.resume();
  }

  #stateOf(connection: number): number {
    return this.context.connections.state[connection]!;
  }
}
