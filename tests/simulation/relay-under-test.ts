// The relay as a worker runs it, on the simulated reactor, with a witness between the two.

import { serverIdentity } from "../../src/balance/server-identity.ts";
import { formatEndpoint } from "../../src/bytes/endpoint.ts";
import type { ArenaAddress, IoHandler } from "../../src/io/io.ts";
import { Relay } from "../../src/relay/relay.ts";
import { Shutdown } from "../../src/relay/shutdown.ts";
import { LOOK_EVERY_MS } from "../../src/relay/stages/await-place.ts";
import { CLOSING, LINGERING, WAITING } from "../../src/relay/state.ts";
import { createTrackedMemory } from "../../src/rules/tracked-slots.ts";
import { CLOSE_REASONS } from "../../src/shm/close-reason.ts";
import { COUNTER } from "../../src/shm/counters.ts";
import { LOG_RING_SIZE_MIN } from "../../src/shm/layout.ts";
import type { LoggedConnection } from "../../src/shm/log-ring.ts";
import type { Plan } from "../../src/shm/plan.ts";
import {
  createSharedState,
  openSharedState,
  type SharedState,
} from "../../src/shm/shared-state.ts";
import { TRANSPORT_SIZE } from "../../src/transport/transport.ts";
import { type WatchedIds, watchIds } from "../fixtures/ids-left.ts";
import { LISTENERS_MAX } from "./plan-walk.ts";
import { RECEIVE_SIZE } from "./sim-arena.ts";
import { SimIo, type SimIoOptions } from "./sim-io.ts";
import type { SimNetwork } from "./sim-network.ts";
import { TraceUnderTest } from "./trace-under-test.ts";
import { type Timeouts, Witness } from "./witness.ts";

const WORKER = 0;
const SHUTDOWN_STEP_MS = 50;
/** The longest a turn waits when nobody is there to be forgotten. */
const QUIET_WAIT_MS = 10_000;
const SLAB_COUNT = 48;

export interface RelayOptions {
  readonly plan: Plan;
  readonly connectionsMax: number;
  /** Connections of the process; at most `connectionsMax`. */
  readonly processMax: number;
  readonly timeouts: Timeouts;
  readonly seed: number;
}

/** Tells the witness what the relay asks for. */
class WitnessedIo extends SimIo {
  readonly #witness: Witness;

  constructor(network: SimNetwork, witness: Witness, options: SimIoOptions) {
    super(network, witness, options);
    this.#witness = witness;
  }

  override connect(slot: number, address: ArenaAddress): void {
    this.#witness.onDial(slot);
    super.connect(slot, address);
  }

  override send(slot: number, offset: number, length: number): number {
    const result = super.send(slot, offset, length);
    this.#witness.onSend(slot, result);
    return result;
  }

  override finish(slot: number): void {
    this.#witness.onFinish(slot);
    super.finish(slot);
  }

  override close(slot: number): void {
    this.#witness.onClose(slot);
    super.close(slot);
  }

  override reset(slot: number): void {
    this.#witness.onClose(slot);
    super.reset(slot);
  }
}

export class RelayUnderTest {
  readonly witness: Witness;
  readonly io: SimIo;
  readonly records: LoggedConnection[] = [];
  readonly traced = new TraceUnderTest();
  readonly control: SharedState;
  readonly #relay: Relay;
  readonly #ids: WatchedIds;
  readonly #options: RelayOptions;
  /** Messages of the control plane that wait to be read. */
  readonly #orders: (() => void)[] = [];
  #shutdown: Shutdown | null = null;

  constructor(network: SimNetwork, options: RelayOptions) {
    this.#options = options;
    const { plan, connectionsMax } = options;
    this.control = makeSharedState(options);
    const shared = openSharedState(this.control.buffers, WORKER);
    const opened: { witness: Witness; io: SimIo }[] = [];
    const openIo = (handler: IoHandler): SimIo => {
      const witness = new Witness(handler, {
        timeouts: options.timeouts,
        isEnding: (connection) => this.#isEnding(connection),
        isPaced: (connection) => this.#relay.context.paced.holds(connection),
        isWaiting: (connection) => this.#stateOf(connection) === WAITING,
        localOf: (slot) => formatEndpoint(this.io.socketOf(slot)!.local, 0),
      });
      const io = new WitnessedIo(network, witness, {
        socketsMax: 2 * connectionsMax,
        listenersMax: LISTENERS_MAX,
        arena: {
          scratchSize: plan.listeners[0]!.connectSizeMaxBytes + RECEIVE_SIZE,
          transportSize: TRANSPORT_SIZE,
          addressesMax: plan.servers.length,
          slabBytes: SLAB_COUNT * 16 * 1024,
        },
      });
      witness.io = io;
      opened.push({ witness, io });
      return io;
    };
    this.#ids = watchIds(connectionsMax);
    this.#relay = new Relay(
      {
        openIo,
        worker: WORKER,
        workerCount: 1,
        tracked: createTrackedMemory(connectionsMax),
        connectionsMax,
        connectedIds: this.#ids.ids,
        servers: shared.servers,
        listeners: shared.listeners,
        process: shared.process,
        queues: shared.queues,
        counters: shared.counters.ofWorker(WORKER),
        log: shared.logWriter(WORKER),
        errors: shared.errorWriter(WORKER),
        wallClockOffsetMs: 0,
        seed: options.seed,
      },
      () => {
        for (const order of this.#orders.splice(0)) order();
      },
    );
    this.witness = opened[0]!.witness;
    this.io = opened[0]!.io;
    this.#relay.usePlan(plan);
  }

  /** Posts a message that is obeyed when the relay hears the bell. */
  order(obey: () => void): void {
    this.#orders.push(obey);
    this.io.ring();
  }

  /** A reload, as the control plane orders it. */
  usePlan(plan: Plan): void {
    if (this.#shutdown === null) this.#relay.usePlan(plan);
  }

  /** Somebody wants to see the packets of these clients, and of no others. */
  trace(clientIds: readonly Uint8Array[], keepMax: number): void {
    this.#relay.trace({ ring: this.traced.ring, clientIds, keepMax });
  }

  get appliedGeneration(): number {
    return this.#relay.plans.appliedGeneration;
  }

  get oldestGeneration(): number {
    return this.#relay.plans.oldestGeneration;
  }

  activeOf(server: number): number {
    return this.control.servers.active(server);
  }

  get connectionCount(): number {
    return this.#relay.connectionCount;
  }

  /** One turn of a worker's loop. */
  turn(): void {
    this.io.turn(this.#waitMs());
    this.#relay.carryOutCuts();
    this.#relay.plans.afterTurn();
    this.#shutdown?.step(this.io.now);
    for (const record of this.control.logReader(WORKER).drain(1000)) this.records.push(record);
    this.witness.checkOverdue();
    this.traced.check();
  }

  shutDown(graceMs: number): void {
    this.#shutdown ??= new Shutdown(this.#relay, this.io.now, graceMs);
  }

  /** Ends the relay. @returns what it has not given back, one sentence each */
  end(): string[] {
    const { plan } = this.#options;
    const left = this.io.leftovers();
    if (this.connectionCount > 0) left.push(`${this.connectionCount} connections are left`);
    for (const [i] of plan.servers.entries()) {
      const active = this.control.servers.active(i);
      if (active !== 0) left.push(`server ${i} counts ${active} connections`);
      const waiting = this.control.queues.ofServer(i);
      if (waiting !== 0) left.push(`server ${i} counts ${waiting} who wait`);
    }
    for (let i = 0; i < LISTENERS_MAX; i++) {
      const open = this.control.listeners.total(i);
      if (open !== 0) left.push(`listener ${i} counts ${open} connections`);
    }
    if (this.connectionCount === 0) this.#relay.destroy();
    const inLine = this.control.queues.ofPool(0);
    if (inLine !== 0) left.push(`the pool counts ${inLine} who wait`);
    const inProcess = this.control.process.total(0);
    if (inProcess !== 0) left.push(`the process counts ${inProcess} connections`);
    const ids = this.#ids.countLeft();
    if (ids !== 0) left.push(`${ids} client ids are taken for connected`);
    return [...left, ...this.traced.faults, ...this.#checkCounters()];
  }

  // Every accept is in the books once: refused, or ended for one reason.
  #checkCounters(): string[] {
    const { counters } = this.control;
    const ended = CLOSE_REASONS.reduce((sum, _, i) => sum + counters.sum(COUNTER.closed + i), 0);
    const books = {
      accepts: counters.sum(COUNTER.accepts),
      acceptsRefused: counters.sum(COUNTER.acceptsRefused),
      connectionsClosed: counters.sum(COUNTER.connectionsClosed),
      ended,
      active: counters.sum(COUNTER.connectionsActive),
      records: this.records.length + counters.sum(COUNTER.logRecordsDropped),
      unlogged: counters.sum(COUNTER.turnedAwayUnlogged),
    };
    const balanced =
      books.active === 0 &&
      books.accepts === books.ended &&
      books.accepts === books.acceptsRefused + books.connectionsClosed &&
      books.connectionsClosed + books.acceptsRefused === books.records + books.unlogged;
    return balanced ? [] : [`the counters disagree: ${JSON.stringify(books)}`];
  }

  #waitMs(): number {
    if (this.#shutdown !== null) return SHUTDOWN_STEP_MS;
    const { waitMs } = this.#relay.plans;
    if (waitMs === 0) return 0;
    if (this.#relay.context.waiting.count > 0) return LOOK_EVERY_MS;
    if (waitMs > 0) return waitMs;
    // With connections open there is always something to wait for: a deadline at the least.
    return this.connectionCount > 0 ? -1 : QUIET_WAIT_MS;
  }

  #stateOf(connection: number): number {
    return this.#relay.context.connections.state[connection]!;
  }

  #isEnding(connection: number): boolean {
    const state = this.#stateOf(connection);
    return state === LINGERING || state === CLOSING;
  }
}

function makeSharedState({ plan, processMax }: RelayOptions): SharedState {
  const control = createSharedState({
    workersMax: 1,
    serversMax: plan.servers.length,
    listenersMax: LISTENERS_MAX,
    poolsMax: 4,
    logRingSize: LOG_RING_SIZE_MIN,
  });
  for (const [i, { name, weight, connectionsMax }] of plan.servers.entries()) {
    const identity = serverIdentity(name);
    control.servers.define(i, { weight, connectionsMax, identity, up: true });
  }
  control.process.setMax(0, processMax);
  for (const [i, { connectionsMax }] of plan.listeners.entries()) {
    control.listeners.setMax(i, connectionsMax);
  }
  return control;
}
