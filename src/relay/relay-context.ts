// What the stages of a connection work with: one object a worker, handed to every stage.

import { assert } from "../assert.ts";
import { type Choice, makeChoice } from "../balance/balance.ts";
import { mix32 } from "../bytes/hash32.ts";
import type { Io, IoHandler } from "../io/io.ts";
import { SlabQueues } from "../io/slab-queues.ts";
import { ConnackBounds } from "../mqtt/connack-bounds.ts";
import { ConnackFacts } from "../mqtt/connack-facts.ts";
import { ConnectInspector } from "../mqtt/connect.ts";
import { DisconnectReader } from "../mqtt/disconnect-reader.ts";
import { PACKET_COUNT_WORDS, PacketTracker, PUBLISH_SIZES } from "../mqtt/framing.ts";
import { ProxyHeaderReader } from "../proxy-protocol/read.ts";
import { ProxyV2Writer } from "../proxy-protocol/write-v2.ts";
import { ConnectedIds, createConnectedIds } from "../shm/connected-ids.ts";
import type { ConnectionColumns } from "../shm/connection-columns.ts";
import { COUNTER, type WorkerCounters } from "../shm/counters.ts";
import type { ErrorWriter } from "../shm/error-captures.ts";
import type { LogRingWriter } from "../shm/log-ring.ts";
import type { ListenerPlan, PoolPlan, ServerTransportPlan } from "../shm/plan.ts";
import type { Queues } from "../shm/queues.ts";
import type { ServerStates } from "../shm/server-state.ts";
import type { Tally } from "../shm/tally.ts";
import type { CounterTable } from "../stick/counter-table.ts";
import { ClientHelloReader } from "../tls/client-hello.ts";
import { TicketKeys } from "../tls/ticket-keys.ts";
import { Transport } from "../transport/transport.ts";
import { ClientGuard } from "./client-guard.ts";
import { Connections, clientSlot } from "./connections.ts";
import { ErrorCapture } from "./error-capture.ts";
import { LivePlans } from "./live-plans.ts";
import { Meters } from "./meters.ts";
import { PacedClients } from "./paced-clients.ts";
import type { PolicyRunner } from "./policy-runner.ts";
import type { Routes } from "./routes.ts";
import type { RuleRunner } from "./rule-runner.ts";
import { ServerAddresses } from "./server-addresses.ts";
import type { Tracer } from "./tracer.ts";
import { WaitingRoom } from "./waiting-room.ts";

/** What a relay is made of; the composition root brings it. */
export interface RelayParts {
  /** Opens the reactor that will tell `handler`. */
  readonly openIo: (handler: IoHandler) => Io;
  readonly worker: number;
  readonly connectionsMax: number;
  /** What the control plane may see of connections; left out: it sees none. */
  readonly columns?: ConnectionColumns;
  /** Which client ids are connected to any worker; left out: to this one. */
  readonly connectedIds?: ConnectedIds;
  /** Of the process, this one included. */
  readonly workerCount: number;
  /** Keys that connections track: `createTrackedMemory` of rules/tracked-slots.ts. */
  readonly tracked: SharedArrayBuffer;
  readonly servers: ServerStates;
  readonly listeners: Tally;
  /** Entry 0: all connections of the process. */
  readonly process: Tally;
  readonly queues: Queues;
  readonly counters: WorkerCounters;
  readonly log: LogRingWriter;
  /** Where bytes are kept that broke a protocol; left out: nowhere. */
  readonly errors?: ErrorWriter;
  /** Added to the reactor's clock, gives milliseconds since 1970. */
  readonly wallClockOffsetMs: number;
  readonly seed: number;
  /** Milliseconds that go on during a turn, to measure policies; left out: the reactor's. */
  readonly clock?: () => number;
  /** Takes a sentence for the operator's log; left out: nobody reads it. */
  readonly tellProblem?: (message: string) => void;
}

export class RelayContext {
  readonly io: Io;
  readonly worker: number;
  readonly connections: Connections;
  readonly connectedIds: ConnectedIds;
  readonly servers: ServerStates;
  readonly listeners: Tally;
  readonly process: Tally;
  readonly queues: Queues;
  readonly counters: WorkerCounters;
  readonly row: Float64Array;
  readonly log: LogRingWriter;
  readonly wallClockOffsetMs: number;
  /** Per connection: what the client sent before a server was there. */
  readonly held: SlabQueues;
  readonly errors: ErrorCapture;
  /** Per connection: what a server has said to our request to speak WebSocket. */
  readonly answers: SlabQueues;
  /** Given by relay.ts as soon as there is a context. */
  rules!: RuleRunner;
  /** Likewise. */
  policies!: PolicyRunner;
  /** Likewise. */
  tracer!: Tracer;
  /** By pool: clients that wait for a place at a server. */
  readonly waiting: WaitingRoom;
  /** By listener: clients that wait for their turn to begin a TLS handshake. */
  readonly handshakeLine: WaitingRoom;
  /** Which source networks share a lane, nobody can foresee. */
  readonly laneSeed: number;
  /** Per connection whose TLS ends at the server: the name that its hello asks for. */
  readonly helloNames = new Map<number, string>();
  /** Per connection that a rule refuses with words of the operator's. */
  readonly refusalTexts = new Map<number, string>();
  /** Per connection that a rule or a policy refuses: where else it may go (5.0, 4.11). */
  readonly refusalReferences = new Map<number, string>();
  /** Per connection that is about to end: what else the log says of it. */
  readonly details = new Map<number, Uint8Array>();
  /** Per connection: how TLS with a server failed last, in OpenSSL's words. */
  readonly serverFaults = new Map<number, string>();
  readonly inspector = new ConnectInspector();
  readonly guard = new ClientGuard();
  readonly meters: Meters;
  readonly paced: PacedClients;
  readonly transport: Transport;
  readonly proxyReader = new ProxyHeaderReader();
  readonly proxyWriter = new ProxyV2Writer();
  readonly connackFacts = new ConnackFacts();
  readonly connackBounds = new ConnackBounds();
  readonly helloReader = new ClientHelloReader();
  readonly tickets = new TicketKeys();
  /** What a stage has left of a client's bytes for the next one. */
  restOffset = 0;
  restLength = 0;
  readonly tracker: PacketTracker;
  /** Of clients whose sticky table follows sessions: what their DISCONNECT says of theirs. */
  readonly goodbyes: DisconnectReader;
  /** Packets, as the tracker counts them, by side: the client's at 0, the server's at 1. */
  readonly packetCounts: readonly [Float64Array, Float64Array];
  readonly choice: Choice = makeChoice(1);
  /** Of the pool whose limits are being settled; filled in anew for each client. */
  readonly fill = { clients: 0, fullAt: 1 };
  readonly plans = new LivePlans();
  readonly addresses: ServerAddresses;
  #draws: number;

  constructor(parts: RelayParts, handler: IoHandler) {
    const { connectionsMax, counters } = parts;
    const io = parts.openIo(handler);
    this.io = io;
    this.worker = parts.worker;
    this.connections = new Connections(connectionsMax, parts.columns);
    this.connectedIds =
      parts.connectedIds ?? new ConnectedIds(createConnectedIds(connectionsMax, parts.seed));
    this.servers = parts.servers;
    this.listeners = parts.listeners;
    this.process = parts.process;
    this.queues = parts.queues;
    this.counters = counters;
    this.row = counters.row;
    this.log = parts.log;
    this.wallClockOffsetMs = parts.wallClockOffsetMs;
    this.held = new SlabQueues(io.bytes, io.pool, connectionsMax);
    const { connections, held, inspector, wallClockOffsetMs } = this;
    const writer = parts.errors ?? null;
    this.errors = new ErrorCapture({
      ...{ io, connections, held, inspector, wallClockOffsetMs, writer },
    });
    this.paced = new PacedClients(io, connectionsMax);
    this.meters = new Meters(parts.tracked, this);
    this.addresses = new ServerAddresses(io);
    this.answers = new SlabQueues(io.bytes, io.pool, connectionsMax);
    this.transport = new Transport(io, 2 * connectionsMax, () => this.nextRandom());
    this.waiting = new WaitingRoom(connectionsMax);
    this.handshakeLine = new WaitingRoom(connectionsMax);
    this.tracker = new PacketTracker(2 * connectionsMax);
    this.goodbyes = new DisconnectReader(connectionsMax);
    this.packetCounts = [
      packetCounts(counters.row, COUNTER.packetsFromClients, COUNTER.publishSizesFromClients),
      packetCounts(counters.row, COUNTER.packetsFromServers, COUNTER.publishSizesFromServers),
    ];
    this.#draws = parts.seed;
    this.laneSeed = mix32(parts.seed);
    this.choice.tried = this.connections.tried;
  }

  /** The newest plan's: what new connections get. Null before the first plan. */
  get routes(): Routes | null {
    return this.plans.newest;
  }

  /** Those of the plan that routes a connection; valid until its server has answered. */
  routesOf(connection: number): Routes {
    return this.plans.of(this.connections.plan[connection]!);
  }

  poolOf(connection: number): PoolPlan {
    return this.routesOf(connection).plan.pools[this.connections.pool[connection]!]!;
  }

  listenerOf(connection: number): ListenerPlan {
    return this.routesOf(connection).plan.listeners[this.connections.listener[connection]!]!;
  }

  /** By number, which stays as long as a connection tracks one of its keys. */
  get counterTables(): readonly CounterTable[] {
    return this.routes!.rules.tables;
  }

  /** How the server that a connection is counted for is spoken to. */
  transportPlanOf(connection: number): ServerTransportPlan {
    return this.routesOf(connection).plan.servers[this.connections.server[connection]!]!.transport;
  }

  /** @returns the length of what a stage has left, which is then taken */
  takeRest(): number {
    const length = this.restLength;
    assert(length >= 0, "what is left is not less than nothing");
    this.restLength = 0;
    return length;
  }

  forgetAnswer(connection: number): void {
    this.answers.clear(connection);
    this.connections.answerLength[connection] = 0;
  }

  /** A name for this connection that no other of this cluster of workers has. */
  uniqueId(connection: number): string {
    const startedAt = this.connections.acceptedAtMs[connection]! + this.wallClockOffsetMs;
    const parts = [startedAt, this.worker, connection, this.connections.serial[connection]!];
    return parts.map((part) => Math.floor(part).toString(16)).join("-");
  }

  /** Sends the last words of a stage; what follows ends the connection. */
  sendParting(connection: number, offset: number, length: number): void {
    this.connections.parting[connection] = 1;
    if (this.tracer.isOn) this.tracer.onOwnPacket(connection, offset, length);
    this.transport.send(clientSlot(connection), offset, length);
  }

  /** An int32 of a seeded sequence (splitmix: a counter, mixed). */
  nextRandom(): number {
    this.#draws = (this.#draws + 0x9e3779b9) | 0;
    return mix32(this.#draws);
  }
}

function packetCounts(row: Float64Array, from: number, sizesFrom: number): Float64Array {
  assert(sizesFrom === from + PUBLISH_SIZES, "sizes lie behind the packets that have them");
  return row.subarray(from, from + PACKET_COUNT_WORDS);
}
