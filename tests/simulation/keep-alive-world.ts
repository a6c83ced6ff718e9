// A world of clients with keep alives, who talk, fall silent or leave, before servers that talk to
// whoever is silent, too. When it is over it says who was cut early, and who was kept too long.

import { createBalanceMemory } from "../../src/balance/balancers.ts";
import { formatEndpoint, makeEndpoint } from "../../src/bytes/endpoint.ts";
import { encodeConnect } from "../../src/mqtt/packet.ts";
import { PLAIN_LISTENER, type Plan, type PoolPlan } from "../../src/shm/plan.ts";
import { PLAIN_BALANCING, PLAIN_TRANSPORT } from "../fixtures/plain-plan.ts";
import { Dice, NO_FAULTS } from "./faults.ts";
import { RelayUnderTest } from "./relay-under-test.ts";
import { SimNetwork } from "./sim-network.ts";
import type { SimSocket } from "./sim-socket.ts";

const LISTENER = makeEndpoint("192.0.2.1", 1883)!;
const SERVER = makeEndpoint("198.51.100.1", 1883)!;
const LATENCY_MAX_MS = 5;
/** A deadline comes at most so late: one tick of the wheel. */
const TICK_MS = 16;
/** CONNECT, dial, CONNACK and end are each under way for a while, at times in two pieces. */
const SLACK_MS = TICK_MS + 8 * LATENCY_MAX_MS;
const IDLE_MS = 40_000;
const KEEP_ALIVE_MAX_SECONDS = 30;
const ARRIVALS_MS = 10_000;
const CLIENT_ID_SIZE = 6;
const PINGREQ = Uint8Array.of(0xc0, 0);
const PUBLISH = Uint8Array.of(0x30, 3, 0, 1, 0x61);
const scratch = new Uint8Array(4_096);

/** What a client does, drawn before it comes. */
interface Character {
  readonly level: 4 | 5;
  /** Seconds; 0: none. */
  readonly keepAlive: number;
  /** What the server gives it in its CONNACK; null: nothing. */
  readonly serverKeepAlive: number | null;
  /** Pauses between what it says, in milliseconds. */
  readonly pauses: readonly number[];
  /** In the end it leaves; else it falls silent. */
  readonly leaves: boolean;
}

type Drawn = Pick<Character, "keepAlive" | "serverKeepAlive">;

interface Client {
  readonly character: Character;
  readonly socket: SimSocket;
  readonly name: string;
  saidAtMs: number;
  endedAtMs: number;
  hasLeft: boolean;
}

export class KeepAliveWorld {
  readonly #dice: Dice;
  readonly #network: SimNetwork;
  readonly #relay: RelayUnderTest;
  readonly #clients: Client[] = [];
  readonly #characters: readonly Character[];
  readonly #byName = new Map<string, Client>();

  constructor(seed: number, count: number) {
    const dice = new Dice(seed);
    this.#dice = dice;
    this.#network = new SimNetwork(dice, {
      ...NO_FAULTS,
      latencyMaxMs: LATENCY_MAX_MS,
      deadlineLatenessMs: TICK_MS,
      splitSegments: 0.1,
    });
    this.#characters = Array.from({ length: count }, () => drawCharacter(dice));
    const plan = makePlan(this.#network.listen(LISTENER));
    this.#openServer();
    this.#relay = new RelayUnderTest(this.#network, {
      ...{ plan, seed, connectionsMax: count, processMax: count },
      timeouts: {
        ...{ connectDeadlineMs: 10_000, dialTimeoutMs: 5_000, finishTimeoutMs: 5_000 },
        ...{ idleTimeoutMs: IDLE_MS, slackMs: SLACK_MS, lookEveryMs: 500 },
        silenceMaxMs: (name) => {
          const { character } = this.#byName.get(name)!;
          return keepAliveOf(character) === 0 ? null : silenceMaxOf(character);
        },
      },
    });
  }

  /** @returns what was wrong, one sentence each */
  run(): string[] {
    let toCome = this.#characters.length;
    for (const [i, character] of this.#characters.entries()) {
      this.#network.after(this.#dice.below(ARRIVALS_MS), () => {
        toCome--;
        this.#arrive(i, character);
      });
    }
    while (toCome > 0 || this.#relay.connectionCount > 0 || !this.#network.isIdle) {
      this.#relay.turn();
    }
    const judged = this.#clients.flatMap((client) => judge(client));
    return [...judged, ...this.#relay.witness.faults, ...this.#relay.end()];
  }

  #arrive(index: number, character: Character): void {
    const socket = this.#network.connect(LISTENER, {});
    const name = formatEndpoint(socket.local, 0);
    const client = {
      ...{ character, socket, name, saidAtMs: 0, hasLeft: false },
      endedAtMs: Number.POSITIVE_INFINITY,
    };
    this.#clients.push(client);
    this.#byName.set(name, client);
    const { level, keepAlive } = character;
    const clientId = String(index).padStart(CLIENT_ID_SIZE, "0");
    const connect = encodeConnect({
      ...{ level, clientId, cleanStart: true, keepAliveSeconds: keepAlive },
    });
    socket.watcher = {
      onConnected: () => {
        this.#say(client, connect);
        this.#talk(client, 0);
      },
      onReadable: () => this.#listen(client),
    };
  }

  #say(client: Client, bytes: Uint8Array): void {
    client.saidAtMs = this.#network.now;
    client.socket.send(bytes, 0, bytes.length);
  }

  #talk(client: Client, next: number): void {
    const pauseMs = client.character.pauses[next];
    if (pauseMs === undefined) return;
    this.#network.after(pauseMs, () => {
      if (Number.isFinite(client.endedAtMs)) return;
      const isLast = next === client.character.pauses.length - 1;
      if (isLast && client.character.leaves) {
        client.hasLeft = true;
        client.socket.close();
        return;
      }
      this.#say(client, PINGREQ);
      this.#talk(client, next + 1);
    });
  }

  #listen(client: Client): void {
    for (;;) {
      const result = client.socket.receive(scratch, 0, scratch.length);
      if (result > 0) continue;
      if (result === 0 || client.socket.closed) {
        client.endedAtMs = Math.min(client.endedAtMs, this.#network.now);
        client.socket.close();
      }
      return;
    }
  }

  #openServer(): void {
    const listener = this.#network.listenerOf(this.#network.listen(SERVER));
    listener.onPending = () =>
      this.#network.after(0, () => {
        const socket = listener.accept();
        if (socket !== null) this.#serve(socket);
      });
  }

  #serve(socket: SimSocket): void {
    let connect = Buffer.alloc(0);
    const read = (): void => {
      for (;;) {
        const result = socket.receive(scratch, 0, scratch.length);
        if (result === 0 || socket.closed) {
          socket.close();
          return;
        }
        if (result < 0) return;
        const isNew = connect.length < 2 || connect.length < 2 + connect[1]!;
        if (!isNew) continue;
        connect = Buffer.concat([connect, scratch.subarray(0, result)]);
        if (connect.length >= 2 && connect.length >= 2 + connect[1]!) this.#accept(socket, connect);
      }
    };
    socket.watcher = { onReadable: read };
    this.#network.after(0, read);
  }

  #accept(socket: SimSocket, connect: Buffer): void {
    const end = 2 + connect[1]!;
    const index = Number(connect.subarray(end - CLIENT_ID_SIZE, end).toString());
    const { level, serverKeepAlive } = this.#characters[index]!;
    const answer = connack(level, serverKeepAlive);
    socket.send(answer, 0, answer.length);
    for (let i = this.#dice.below(4); i > 0; i--) {
      this.#network.after(this.#dice.below(60_000), () => {
        if (!socket.closed) socket.send(PUBLISH, 0, PUBLISH.length);
      });
    }
  }
}

function judge({ character, name, saidAtMs, endedAtMs, hasLeft }: Client): string[] {
  if (hasLeft) return Number.isFinite(endedAtMs) ? [`${name} was cut before it left`] : [];
  const silentMs = endedAtMs - saidAtMs;
  const mostMs = silenceMaxOf(character);
  if (silentMs < mostMs) return [`${name} was cut after ${silentMs} of ${mostMs} ms`];
  // Without a keep alive the server's bytes count, too; the witness has counted those.
  const isLate = keepAliveOf(character) > 0 && silentMs > mostMs + SLACK_MS;
  return isLate ? [`${name} was kept for ${silentMs} of ${mostMs} ms`] : [];
}

/** 3.1.1, 3.1.2.10 and 5.0, 3.2.2.3.14. */
function keepAliveOf({ keepAlive, serverKeepAlive }: Drawn): number {
  return serverKeepAlive ?? keepAlive;
}

function silenceMaxOf(drawn: Drawn): number {
  const seconds = keepAliveOf(drawn);
  return seconds === 0 ? IDLE_MS : seconds * 1_500;
}

function drawCharacter(dice: Dice): Character {
  const level = dice.pick([4, 5] as const);
  const keepAlive = dice.chance(0.05) ? 0 : dice.between(1, KEEP_ALIVE_MAX_SECONDS);
  const isGiven = level === 5 && dice.chance(0.3);
  const serverKeepAlive = isGiven ? dice.between(1, KEEP_ALIVE_MAX_SECONDS) : null;
  const longest = silenceMaxOf({ keepAlive, serverKeepAlive }) - SLACK_MS;
  // Often close to what is allowed: that is where a clock that is a little wrong shows.
  const pause = () => (dice.chance(0.4) ? longest - dice.below(20) : dice.below(longest));
  const pauses = Array.from({ length: dice.below(4) }, pause);
  return { level, keepAlive, serverKeepAlive, pauses, leaves: dice.chance(0.4) };
}

function connack(level: 4 | 5, serverKeepAlive: number | null): Uint8Array {
  if (level === 4) return Uint8Array.of(0x20, 2, 0, 0);
  if (serverKeepAlive === null) return Uint8Array.of(0x20, 3, 0, 0, 0);
  return Uint8Array.of(0x20, 6, 0, 0, 3, 0x13, serverKeepAlive >> 8, serverKeepAlive & 0xff);
}

function makePlan(fd: number): Plan {
  const server = { name: "broker", id: 1, hashKey: "name", endpoint: SERVER } as const;
  const servers = [
    { ...server, transport: PLAIN_TRANSPORT, weight: 1, backup: false, connectionsMax: 0 },
  ];
  const timeouts = { dialTimeoutMs: 5_000, idleTimeoutMs: IDLE_MS, finishTimeoutMs: 5_000 };
  const pools: PoolPlan[] = [
    {
      ...{ name: "brokers", balance: "round-robin", rules: [], counterTable: null, queue: null },
      ...{ ...PLAIN_BALANCING, ...timeouts, servers: [0], stick: [] },
      ...{ retries: 0, redispatches: 0, followsKeepAlive: true },
    },
  ];
  const limits = { connectionsMax: 0, connectSizeMaxBytes: 4_096, connectDeadlineMs: 10_000 };
  const listener = { name: "mqtt", fd, pool: 0, protocol: "mqtt", ...limits } as const;
  return {
    ...{ generation: 1, listeners: [{ ...PLAIN_LISTENER, ...listener }], pools, servers },
    balanceMemories: [{ generation: 1, memory: createBalanceMemory({ pools, servers }) }],
    ...{ stickTables: [], counterTables: [], logsConnections: true },
  };
}
