// A relay on a scripted reactor and real shared memory, and how nearly every test of it begins.

import { createBalanceMemory } from "../../src/balance/balancers.ts";
import { serverIdentity } from "../../src/balance/server-identity.ts";
import { type Endpoint, makeEndpoint } from "../../src/bytes/endpoint.ts";
import { encodeConnect } from "../../src/mqtt/packet.ts";
import { Relay } from "../../src/relay/relay.ts";
import type { RelayContext, RelayParts } from "../../src/relay/relay-context.ts";
import { createTrackedMemory } from "../../src/rules/tracked-slots.ts";
import { CLOSE_REASONS } from "../../src/shm/close-reason.ts";
import type { ConnectedIds } from "../../src/shm/connected-ids.ts";
import { COUNTER, SERVER_COUNTER, SERVER_COUNTERS } from "../../src/shm/counters.ts";
import { LOG_RING_SIZE_MIN } from "../../src/shm/layout.ts";
import type { LoggedConnection } from "../../src/shm/log-ring.ts";
import {
  type CounterTablePlan,
  type ListenerPlan,
  PLAIN_LISTENER,
  type Plan,
  type PolicyPlan,
  type PoolPlan,
  type ServerPlan,
} from "../../src/shm/plan.ts";
import {
  createSharedState,
  openSharedState,
  type SharedState,
} from "../../src/shm/shared-state.ts";
import { type WatchedIds, watchIds } from "../fixtures/ids-left.ts";
import { PLAIN_BALANCING, PLAIN_TRANSPORT } from "../fixtures/plain-plan.ts";
import { makeStickTable } from "../fixtures/stick-table-plan.ts";
import { ScriptedIo } from "./scripted-io.ts";

export const WALL_CLOCK_OFFSET_MS = 1_700_000_000_000;
export const DIAL_TIMEOUT_MS = 5_000;
export const IDLE_TIMEOUT_MS = 60_000;
export const FINISH_TIMEOUT_MS = 10_000;
export const CONNECT_DEADLINE_MS = 10_000;

export interface SceneOptions {
  readonly listener?: Partial<ListenerPlan>;
  readonly pool?: Partial<Omit<PoolPlan, "servers">>;
  readonly servers?: readonly Partial<ServerPlan>[];
  readonly stickBy?: "client-id" | "source" | "user-name";
  readonly connectionsMax?: number;
  readonly processMax?: number;
  readonly slabs?: number;
  readonly counterTables?: readonly CounterTablePlan[];
  readonly policy?: PolicyPlan;
  readonly relay?: Pick<RelayParts, "clock" | "tellProblem">;
}

const CONNECTIONS_MAX = 8;

export const CONNECT = connectPacket({});
export const CONNECT_5 = connectPacket({ level: 5 });
export const CONNACK = Uint8Array.of(0x20, 2, 0, 0);
export const CONNACK_5 = Uint8Array.of(0x20, 3, 0, 0, 0);
export const PINGREQ = Uint8Array.of(0xc0, 0);
export const PINGRESP = Uint8Array.of(0xd0, 0);
export const DISCONNECT = Uint8Array.of(0xe0, 0);

export function connectPacket(given: Partial<Parameters<typeof encodeConnect>[0]>): Uint8Array {
  const wanted = {
    level: 4,
    clientId: "device-1",
    cleanStart: true,
    keepAliveSeconds: 60,
  } as const;
  return encodeConnect({ ...wanted, ...given });
}

export class Scene {
  readonly relay: Relay;
  readonly io: ScriptedIo;
  readonly plan: Plan;
  /** The control plane's view. */
  readonly shared: SharedState;
  wakes = 0;
  readonly #ids: WatchedIds;

  constructor(options: SceneOptions = {}) {
    this.plan = makePlan(options);
    this.shared = createSharedState({
      workersMax: 1,
      serversMax: this.plan.servers.length,
      listenersMax: 4,
      poolsMax: 4,
      logRingSize: LOG_RING_SIZE_MIN,
    });
    this.shared.process.setMax(0, options.processMax ?? 0);
    this.shared.listeners.setMax(0, this.plan.listeners[0]!.connectionsMax);
    for (const [i, { name, weight, connectionsMax }] of this.plan.servers.entries()) {
      const identity = serverIdentity(name);
      this.shared.servers.define(i, { weight, connectionsMax, identity, up: true });
    }
    this.#ids = watchIds(CONNECTIONS_MAX);
    const { ids } = this.#ids;
    this.relay = openRelay(this.shared, { ...options, ids }, () => {
      this.wakes++;
    });
    this.io = this.relay.context.io as ScriptedIo;
    this.relay.usePlan(this.plan);
  }

  get context(): RelayContext {
    return this.relay.context;
  }

  count(name: keyof typeof COUNTER, index = 0): number {
    return this.shared.counters.sum(COUNTER[name] + index);
  }

  countOfServer(server: number, name: keyof typeof SERVER_COUNTER): number {
    return this.context.counters.servers[server * SERVER_COUNTERS + SERVER_COUNTER[name]]!;
  }

  /** The number of the server that was dialled last, on the slot beside the client's. */
  get lastDialled(): number {
    return this.io.dials.at(-1)?.address ?? -1;
  }

  /** A client that has sent these bytes. @returns its slot */
  client(bytes: Uint8Array = CONNECT, peer?: Endpoint): number {
    const slot = this.io.accept(0, peer);
    this.io.bring(slot, bytes);
    return slot;
  }

  /** A client whose server is there and has its CONNECT. @returns its slot */
  relayed(bytes: Uint8Array = CONNECT, peer?: Endpoint): number {
    const slot = this.client(bytes, peer);
    this.io.establish(slot ^ 1);
    return slot;
  }

  /** A client that its server has accepted, and nothing on the way. @returns its slot */
  accepted(bytes: Uint8Array = CONNECT): number {
    const slot = this.relayed(bytes);
    this.io.bring(slot ^ 1, bytes === CONNECT_5 ? CONNACK_5 : CONNACK);
    this.io.taken(slot);
    this.io.taken(slot ^ 1);
    return slot;
  }

  /** Connections that have ended since this was last asked. */
  finished(): LoggedConnection[] {
    return [...this.shared.logReader(0).drain(1_000)];
  }

  /** Names of the reasons of those. */
  reasons(): string[] {
    return this.finished().map(({ reason }) => CLOSE_REASONS[reason]!.name);
  }

  /** What is left behind when every connection has ended; empty when all is well. */
  leftovers(): string[] {
    const { servers, process, listeners, queues } = this.shared;
    const left: Record<string, number> = {
      connections: this.relay.connectionCount,
      sockets: this.io.openSlots.length,
      slabs: this.io.pool.used,
      "counted for the process": process.total(0),
      "counted as waiting": queues.ofPool(0) + queues.ofServer(0),
      "counted for the listener": listeners.total(0),
      "counted as active": this.count("connectionsActive"),
      "client ids": this.#ids.countLeft(),
    };
    for (const i of this.plan.servers.keys()) left[`counted for server ${i}`] = servers.active(i);
    return Object.entries(left).flatMap(([what, count]) =>
      count === 0 ? [] : [`${count} ${what}`],
    );
  }
}

function openRelay(
  shared: SharedState,
  options: SceneOptions & { readonly ids: ConnectedIds },
  onWake: () => void,
): Relay {
  const connectionsMax = options.connectionsMax ?? CONNECTIONS_MAX;
  const worker = openSharedState(shared.buffers, 0);
  return new Relay(
    {
      openIo: (handler) => new ScriptedIo(handler, 2 * connectionsMax, options.slabs ?? 16),
      worker: 0,
      workerCount: 1,
      connectionsMax,
      tracked: createTrackedMemory(connectionsMax),
      connectedIds: options.ids,
      servers: worker.servers,
      listeners: worker.listeners,
      process: worker.process,
      queues: worker.queues,
      counters: worker.counters.ofWorker(0),
      log: worker.logWriter(0),
      errors: worker.errorWriter(0),
      wallClockOffsetMs: WALL_CLOCK_OFFSET_MS,
      seed: 1,
      ...options.relay,
    },
    onWake,
  );
}

function makePlan(options: SceneOptions): Plan {
  const servers = (options.servers ?? [{}]).map((server, i) => ({
    name: `s${i}`,
    id: i + 1,
    hashKey: "name" as const,
    endpoint: makeEndpoint(`10.0.0.${i + 1}`, 1883)!,
    weight: 1,
    transport: PLAIN_TRANSPORT,
    backup: false,
    connectionsMax: 0,
    ...server,
  }));
  const pool: PoolPlan = {
    name: "brokers",
    balance: "round-robin",
    rules: [],
    counterTable: null,
    queue: null,
    ...PLAIN_BALANCING,
    servers: servers.map((_, i) => i),
    stick: options.stickBy === undefined ? [] : [{ by: options.stickBy, table: 0 }],
    dialTimeoutMs: DIAL_TIMEOUT_MS,
    retries: 0,
    redispatches: 0,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    followsKeepAlive: false,
    finishTimeoutMs: FINISH_TIMEOUT_MS,
    ...options.pool,
  };
  const listener: ListenerPlan = {
    name: "mqtt",
    fd: 3,
    pool: 0,
    protocol: "mqtt",
    connectionsMax: 0,
    connectSizeMaxBytes: 65_536,
    connectDeadlineMs: CONNECT_DEADLINE_MS,
    ...PLAIN_LISTENER,
    ...options.listener,
  };
  const tableCount = Math.max(0, ...pool.stick.map(({ table }) => table + 1));
  const stickTables = Array.from({ length: tableCount }, () => makeStickTable());
  const pools = [pool];
  const balanceMemories = [{ generation: 1, memory: createBalanceMemory({ pools, servers }) }];
  const counterTables = options.counterTables ?? [];
  const { policy = null } = options;
  const tables = { balanceMemories, stickTables, counterTables, logsConnections: true, policy };
  return { generation: 1, listeners: [listener], pools, servers, ...tables };
}
