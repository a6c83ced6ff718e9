// A world of one seed: a relay, the servers behind it, and clients who come, talk and go. When all
// have gone it says what was wrong: bytes, deadlines, records, leftovers.

import { BALANCE_ROWS, type BalanceName } from "../../src/balance/balance.ts";
import { HASH_TYPE_ROWS, type HashType } from "../../src/balance/hash-plan.ts";
import { formatEndpoint, makeEndpoint } from "../../src/bytes/endpoint.ts";
import {
  type AdmissionPlan,
  type HashPlan,
  type ListenerPlan,
  PLAIN_LISTENER,
  type Plan,
  type PoolPlan,
  type ServerPlan,
} from "../../src/shm/plan.ts";
import { EVICTING_ALL, EVICTING_NOW, EVICTING_SURPLUS } from "../../src/shm/server-state.ts";
import { BUCKET_BYTES, bucketShape } from "../../src/shm/token-bucket.ts";
import { createIdTable } from "../../src/stick/id-table.ts";
import { makeMeteredLimit } from "../fixtures/metered-limit.ts";
import { PLAIN_BALANCING, PLAIN_TRANSPORT } from "../fixtures/plain-plan.ts";
import { makeStickTable } from "../fixtures/stick-table-plan.ts";
import { Actor } from "./actor.ts";
import { Dice, drawFaults, type Faults } from "./faults.ts";
import { clientIdsOf, drawClient, drawServer, type ServerManner } from "./mqtt-scripts.ts";
import { PlanWalk, SECOND_LISTENER } from "./plan-walk.ts";
import { RelayUnderTest } from "./relay-under-test.ts";
import { SimNetwork } from "./sim-network.ts";
import { judge, type Outcome, TOLD_PACKET_SIZE_MAX } from "./verdict-of-bytes.ts";
import type { Timeouts } from "./witness.ts";

const CONNECTIONS_MAX = 12;
const METERS_SEED = 0x6d657465;
const BOUNDS_SEED = 0x626f756e;
const RATES_SEED = 0x72617465;
const SERVER_KINDS = [
  ...(["good", "good", "good", "good", "good", "good", "good"] as const),
  ...(["rude", "absent", "silent"] as const),
];
const TURNS_MAX = 300_000;
const LISTENER = makeEndpoint("192.0.2.1", 1883)!;

/** Runs the world of a seed to its end. @returns what was wrong, one sentence each */
export function runWorld(seed: number, trace: ((line: string) => void) | null = null): string[] {
  const world = new RelayWorld(seed, trace);
  return judge(world.run());
}

class RelayWorld {
  readonly #dice: Dice;
  readonly #network: SimNetwork;
  readonly #relay: RelayUnderTest;
  readonly #plan: Omit<Plan, "balanceMemories">;
  readonly #walk: PlanWalk;
  readonly #clients: Actor[] = [];
  readonly #servers: Actor[] = [];
  readonly #listenerFd: number;
  #clientsToCome: number;

  constructor(seed: number, trace: ((line: string) => void) | null) {
    const dice = new Dice(seed);
    this.#dice = dice;
    const faults = drawFaults(dice);
    this.#network = new SimNetwork(dice, faults);
    if (trace !== null) {
      this.#network.trace = (line) => trace(`${this.#network.now} ${line}`);
      trace(JSON.stringify(faults));
    }
    this.#listenerFd = this.#network.listen(LISTENER);
    const timeouts = drawTimeouts(dice, faults);
    const drawn = drawPlan(dice, this.#listenerFd, timeouts);
    // Of its own, so that worlds without limits stay as they were.
    const metered = meterSome(new Dice(seed ^ METERS_SEED), drawn);
    const bounded = boundSome(new Dice(seed ^ BOUNDS_SEED), metered);
    this.#plan = rateSome(new Dice(seed ^ RATES_SEED), bounded);
    trace?.(JSON.stringify(this.#plan, withoutMemory));
    this.#clientsToCome = dice.between(1, 8);
    this.#openServers();
    this.#walk = new PlanWalk({
      ...{ dice, network: this.#network, first: this.#plan },
      drawBalancing: () => drawBalancing(dice),
      openServer: (server, plan) => this.#openServer(server, "good", plan),
    });
    this.#relay = new RelayUnderTest(this.#network, {
      plan: this.#walk.plan,
      connectionsMax: CONNECTIONS_MAX,
      processMax: dice.pick([2, CONNECTIONS_MAX, CONNECTIONS_MAX]),
      timeouts,
      seed,
    });
  }

  run(): Outcome {
    this.#scheduleClients();
    this.#scheduleEvents();
    if (this.#dice.chance(0.25)) this.#scheduleTraces();
    for (let turns = 0; !this.#isOver(); turns++) {
      if (turns === TURNS_MAX) throw new Error("Cannot end: the relay turns and turns");
      this.#relay.turn();
      this.#walk.closeRemoved(this.#relay);
    }
    return {
      clients: this.#clients,
      servers: this.#servers,
      relay: this.#relay,
      speaksMqtt: this.#plan.listeners[0]!.protocol === "mqtt",
      tellsBounds: this.#plan.listeners[0]!.packetSizeMaxBytes === TOLD_PACKET_SIZE_MAX,
    };
  }

  #isOver(): boolean {
    const quiet = this.#clientsToCome === 0 && this.#relay.connectionCount === 0;
    return quiet && this.#network.isIdle;
  }

  #openServers(): void {
    for (const [i, { endpoint }] of this.#plan.servers.entries()) {
      const kind = this.#dice.pick(SERVER_KINDS);
      this.#network.trace?.(`server ${i} is ${kind}`);
      if (kind === "silent") this.#network.silent.add(formatEndpoint(endpoint, 0));
      if (kind === "good" || kind === "rude") this.#openServer(i, kind, this.#plan);
    }
  }

  #openServer(server: number, manner: ServerManner, plan: Pick<Plan, "servers">): void {
    const { endpoint } = plan.servers[server]!;
    const listener = this.#network.listenerOf(this.#network.listen(endpoint));
    const accept = (): void => {
      const socket = listener.accept();
      if (socket === null) return;
      const name = `server ${server}, ${this.#servers.length}`;
      this.#servers.push(new Actor(this.#network, name, socket, drawServer(this.#dice, manner)));
    };
    listener.onPending = () => this.#network.after(this.#network.drawLatency(), accept);
  }

  #scheduleClients(): void {
    const spread = this.#dice.pick([1, 100, 2_000]);
    for (let i = 0; i < this.#clientsToCome; i++) {
      this.#network.after(this.#dice.below(spread), () => this.#arrive(i));
    }
  }

  #arrive(index: number): void {
    this.#clientsToCome--;
    const script = drawClient(this.#dice, index, this.#plan.listeners[0]!.connectSizeMaxBytes);
    const isSecond = this.#walk.hasSecond && this.#dice.chance(0.5);
    const socket = this.#network.connect(isSecond ? SECOND_LISTENER : LISTENER, {});
    this.#clients.push(new Actor(this.#network, `client ${index}`, socket, script));
    this.#network.trace?.(`  client ${index} comes from ${formatEndpoint(socket.local, 0)}`);
  }

  // What the control plane does while clients are there.
  #scheduleEvents(): void {
    const { servers } = this.#relay.control;
    for (let i = this.#dice.below(4); i > 0; i--) {
      const server = this.#dice.below(this.#plan.servers.length);
      const up = this.#dice.chance(0.5);
      this.#network.after(this.#dice.below(1_000), () => {
        servers.setUp(server, up);
        this.#relay.io.ring();
      });
    }
    if (this.#dice.chance(0.2)) this.#scheduleEvictions();
    if (this.#dice.chance(0.4)) this.#scheduleReloads();
    if (!this.#dice.chance(0.15)) return;
    const graceMs = this.#dice.pick([0, 100, 3_000]);
    this.#network.after(this.#dice.below(2_000), () => {
      this.#network.trace?.(`the relay shuts down within ${graceMs} ms`);
      this.#relay.shutDown(graceMs);
      this.#network.closeListener(this.#listenerFd);
    });
  }

  #scheduleEvictions(): void {
    const { servers } = this.#relay.control;
    const server = this.#dice.below(this.#plan.servers.length);
    const evicting = this.#dice.pick([EVICTING_ALL, EVICTING_NOW, EVICTING_SURPLUS]);
    for (let i = this.#dice.between(1, 5); i > 0; i--) {
      this.#network.after(this.#dice.below(2_000), () => {
        servers.setEvicting(server, evicting);
        servers.evictions.grant(server, 0, 2);
        this.#relay.io.ring();
      });
    }
  }

  // Somebody watches some clients, at times, and then others or nobody.
  #scheduleTraces(): void {
    for (let i = this.#dice.between(1, 4); i > 0; i--) {
      const indexes = Array.from({ length: this.#dice.below(8) }, (_, index) => index);
      const keepMax = this.#dice.pick([8, 100, 1_000]);
      this.#network.after(this.#dice.below(2_000), () => {
        const clientIds = indexes.flatMap(clientIdsOf);
        this.#relay.order(() => this.#relay.trace(clientIds, keepMax));
      });
    }
  }

  #scheduleReloads(): void {
    const spread = this.#dice.pick([5, 500, 3_000]);
    for (let i = this.#dice.between(1, 8); i > 0; i--) {
      this.#network.after(this.#dice.below(spread), () => {
        const plan = this.#walk.step(this.#relay);
        // The worker is rung, and reads the order in a turn.
        this.#relay.order(() => this.#relay.usePlan(plan));
      });
    }
  }
}

function withoutMemory(key: string, value: unknown): unknown {
  return key === "memory" || key === "endpoint" ? undefined : value;
}

function drawTimeouts(dice: Dice, faults: Faults): Timeouts {
  return {
    delayMaxMs: dice.pick([20, 300, 2_000]),
    connectDeadlineMs: dice.pick([50, 500, 2_000]),
    dialTimeoutMs: dice.pick([20, 200, 500]),
    idleTimeoutMs: dice.pick([100, 1_000, 3_000]),
    finishTimeoutMs: dice.pick([50, 300, 2_000]),
    slackMs: faults.deadlineLatenessMs + 3 * faults.stallMaxMs + faults.closeDelayMaxMs + 20,
  };
}

function drawPlan(dice: Dice, fd: number, timeouts: Timeouts): Omit<Plan, "balanceMemories"> {
  const servers = Array.from({ length: dice.between(1, 4) }, (_, i) => drawServerPlan(dice, i));
  const sticks = dice.chance(0.3);
  const settings = { entriesMax: 64, expirySeconds: 60, seed: dice.next() };
  return {
    generation: 1,
    listeners: [drawListener(dice, fd, timeouts)],
    pools: [drawPool(dice, servers.length, timeouts, sticks)],
    servers,
    stickTables: sticks ? [makeStickTable(settings)] : [],
    counterTables: [],
    logsConnections: true,
  };
}

// In some worlds clients may send only so much, each from its own address.
function meterSome(dice: Dice, plan: Omit<Plan, "balanceMemories">): Omit<Plan, "balanceMemories"> {
  const [listener] = plan.listeners;
  if (listener?.protocol !== "mqtt" || !dice.chance(0.3)) return plan;
  const draw = (counts: readonly number[]) => {
    return dice.chance(0.7) ? { count: dice.pick(counts), periodMs: dice.pick([50, 100]) } : null;
  };
  const meters = { publishes: draw([1, 5, 50]), bytes: draw([100, 1_000, 20_000]) };
  const { rule, table } = makeMeteredLimit("src", "address", meters, dice.next());
  return {
    ...plan,
    listeners: [{ ...listener, rules: [rule] }],
    counterTables: [table],
  };
}

// In some worlds clients of 5.0 are told a bound, which nobody comes near.
function boundSome(dice: Dice, plan: Omit<Plan, "balanceMemories">): Omit<Plan, "balanceMemories"> {
  const [listener] = plan.listeners;
  if (!dice.chance(0.3)) return plan;
  return { ...plan, listeners: [{ ...listener!, packetSizeMaxBytes: TOLD_PACKET_SIZE_MAX }] };
}

// In some worlds clients are let in at a rate.
function rateSome(dice: Dice, plan: Omit<Plan, "balanceMemories">): Omit<Plan, "balanceMemories"> {
  const [listener] = plan.listeners;
  if (!dice.chance(0.3)) return plan;
  const draw = () => {
    const rate = bucketShape(dice.pick([2, 20, 500]), dice.between(1, 3));
    return dice.chance(0.7) ? { rate, memory: new SharedArrayBuffer(BUCKET_BYTES) } : null;
  };
  const accepts = { all: draw(), tls: null };
  return { ...plan, accepts, listeners: [{ ...listener!, accepts: draw() }] };
}

function drawListener(dice: Dice, fd: number, timeouts: Timeouts): ListenerPlan {
  return {
    name: "mqtt",
    fd,
    pool: 0,
    protocol: dice.chance(0.9) ? "mqtt" : "tcp",
    connectionsMax: dice.pick([0, 0, 0, 2]),
    connectSizeMaxBytes: dice.pick([256, 4_096, 4_096, 4_096]),
    connectDeadlineMs: timeouts.connectDeadlineMs,
    ...PLAIN_LISTENER,
  };
}

function drawPool(dice: Dice, count: number, timeouts: Timeouts, sticks: boolean): PoolPlan {
  const by = dice.pick(["client-id", "source", "user-name"] as const);
  return {
    name: "brokers",
    rules: [],
    counterTable: null,
    queue: null,
    ...drawBalancing(dice),
    admission: dice.chance(0.2) ? drawAdmission(dice, timeouts) : null,
    takeover: dice.chance(0.2) ? createIdTable(dice.between(1, 16), dice.next()) : null,
    servers: Array.from({ length: count }, (_, i) => i),
    stick: sticks ? [{ by, table: 0 }] : [],
    dialTimeoutMs: timeouts.dialTimeoutMs,
    retries: dice.below(3),
    redispatches: dice.below(4),
    idleTimeoutMs: timeouts.idleTimeoutMs,
    followsKeepAlive: false,
    finishTimeoutMs: timeouts.finishTimeoutMs,
  };
}

function drawAdmission(dice: Dice, { delayMaxMs = 0 }: Timeouts): AdmissionPlan {
  const drawRate = () => bucketShape(dice.pick([1, 20, 500]), dice.between(1, 3));
  const isPerServer = dice.chance(0.5);
  return {
    rate: isPerServer && dice.chance(0.5) ? null : drawRate(),
    perServer: isPerServer ? drawRate() : null,
    delayMaxMs,
    waitingMax: dice.pick([1, 4, CONNECTIONS_MAX]),
    memory: new SharedArrayBuffer(BUCKET_BYTES),
  };
}

function drawBalancing(dice: Dice) {
  const balance = dice.pick(Object.keys(BALANCE_ROWS) as BalanceName[]);
  const { key } = BALANCE_ROWS[balance];
  const kind =
    key === "configured" ? dice.pick(["source", "client-id", "user-name"] as const) : key;
  const type = dice.pick(Object.keys(HASH_TYPE_ROWS) as HashType[]);
  const hash: HashPlan | null =
    kind === "none"
      ? null
      : {
          ...{ key: { kind }, type, function: HASH_TYPE_ROWS[type].function },
          ...{ avalanche: dice.chance(0.5), loadMaxPercent: dice.pick([0, 0, 150]) },
          whenFull: "next",
        };
  return { ...PLAIN_BALANCING, balance, hash, draws: dice.between(1, 3) };
}

function drawServerPlan(dice: Dice, index: number): ServerPlan {
  return {
    name: `broker-${index}`,
    id: index + 1,
    hashKey: "name",
    endpoint: makeEndpoint(`198.51.100.${1 + index}`, 1883)!,
    transport: PLAIN_TRANSPORT,
    weight: dice.pick([1, 1, 5]),
    backup: index > 0 && dice.chance(0.2),
    connectionsMax: dice.pick([0, 0, 0, 1, 3]),
  };
}
