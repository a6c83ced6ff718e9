// The records of all connections of a worker, as columns of typed arrays: an idle connection costs
// what its row here and its two sockets in the reactor cost, and nothing is allocated per event.
//
// A connection's sockets have the slots 2c (client side) and 2c + 1 (server side), so that the
// other side of a slot is `slot ^ 1`. Bounded by connectionsMax. Holds facts; decides nothing.

import { assert } from "../assert.ts";
import { ENDPOINT_SIZE } from "../bytes/endpoint.ts";
import { NO_PLACE } from "../shm/connected-ids.ts";
import { type ConnectionColumns, makeConnectionColumns } from "../shm/connection-columns.ts";
import { KeyStore } from "./key-store.ts";
import { UNANSWERED } from "./server-answer.ts";
import { CLOSING, FREE, mayFollow } from "./state.ts";
import { StickKeys } from "./stick-keys.ts";

/** Servers a connection remembers having failed on; the oldest makes room. */
export const TRIED_MAX = 8;
/** In `reason`, as long as nothing has begun to end. */
export const NO_REASON = 0xff;
/** In `server`, as long as none is counted for this connection. */
export const NO_SERVER = -1;
/** In `stickRules`: nothing keeps a rule from being about this client. */
const EVERY_RULE = 0xff;

// Bits for the two sides of a connection, in `open`, `closing`, `ended` and `blocked`.
export const CLIENT = 1;
export const SERVER = 2;

export function clientSlot(connection: number): number {
  return 2 * connection;
}

export function serverSlot(connection: number): number {
  return 2 * connection + 1;
}

export function connectionOf(slot: number): number {
  return slot >> 1;
}

/** CLIENT or SERVER. */
export function sideOf(slot: number): number {
  return 1 + (slot & 1);
}

export class Connections {
  readonly max: number;
  readonly state: Uint8Array;
  /** The plan that routes it: an index of live-plans.ts. */
  readonly plan: Uint8Array;
  readonly listener: Uint16Array;
  readonly pool: Uint16Array;
  /** The server this connection is counted for, or NO_SERVER. */
  readonly server: Int32Array;
  /** Why it ends: the first cause, unless something worse comes before the end. */
  readonly reason: Uint8Array;
  /** The rule of MQTT its CONNECT broke; 0 for none. */
  readonly rule: Uint8Array;
  /** MQTT protocol level; 0 while unknown. */
  readonly level: Uint8Array;
  /** What is looked at in its bytes: see watch.ts. */
  readonly watch: Uint8Array;
  /** Sides whose socket is in use. */
  readonly open: Uint8Array;
  /** Sides whose socket is being closed: onClosed is due. */
  readonly closing: Uint8Array;
  /** Sides that have ended their direction. */
  readonly ended: Uint8Array;
  /** Sides that were handed more than they take; their onSent is due. */
  readonly blocked: Uint8Array;
  /** What the server said to the CONNECT: see server-answer.ts. */
  readonly answer: Uint8Array;
  /** The positive errno that ended it; 0 for none. */
  readonly errno: Uint16Array;

  /** Size of the CONNECT as its fixed header says; 0 while unknown. */
  readonly connectSize: Uint32Array;
  /** Bytes of the client that wait for a server. */
  readonly heldLength: Uint32Array;
  readonly attempts: Uint8Array;
  readonly retries: Uint8Array;
  readonly redispatches: Uint8Array;
  readonly tried: Int32Array;
  readonly triedCount: Uint8Array;

  /** Of its pool, as they were when it found its server. */
  readonly idleTimeoutMs: Uint32Array;
  /** The pool's idle timeout: what counts while the client is not read. */
  readonly idleMaxMs: Uint32Array;
  /** Seconds, from the CONNECT; 0 for none. */
  readonly keepAlive: Uint16Array;
  /** 1 when the client's keep alive counts instead of the pool's idle timeout. */
  readonly keepsAlive: Uint8Array;
  /** 1 when the rate of its pool has counted it. */
  readonly admitted: Uint8Array;
  /** Seconds that the broker keeps the client's session past this connection, if it does. */
  readonly sessionSeconds: Uint32Array;
  /** 1 when it is no longer counted for its server, though its sockets are not closed yet. */
  readonly countedOut: Uint8Array;
  /** The client's Maximum Packet Size in bytes; 0 when it set none. */
  readonly packetSizeMax: Uint32Array;
  readonly finishTimeoutMs: Uint32Array;
  readonly acceptedAtMs: Float64Array;
  readonly firstDialledAtMs: Float64Array;
  /** When the latest attempt began, or the wait for a place; then when the CONNECT was sent. */
  readonly dialledAtMs: Float64Array;
  /** From the first attempt until a server was there; -1 before. */
  readonly dialMs: Int32Array;
  /** From the first attempt until the CONNACK; -1 before. */
  readonly connackMs: Int32Array;
  /** Its place among the client ids that are connected, or NO_PLACE. */
  readonly idPlace: Int32Array;
  /** 1 when another client of its id was connected as its CONNECT went to the server. */
  readonly hasRival: Uint8Array;
  /** 1 once its CONNECT is whole and good. */
  readonly hasConnect: Uint8Array;
  /** By slot: received on that side. */
  readonly bytes: Float64Array;
  /** By slot: MQTT packets that began on that side. */
  readonly packets: Uint32Array;
  /** Clients' endpoints: their sockets', or what a PROXY header says. */
  readonly endpoints: Uint8Array;
  /** Where clients connected to, once somebody has looked or a PROXY header said so. */
  readonly destinations: Uint8Array;
  /** 1 when a PROXY header has filled in `destinations`. */
  readonly hasDestination: Uint8Array;
  /** The server that a rule has named, or NO_SERVER. */
  readonly wantedServer: Int32Array;
  /** What a rule has refused the client with: a reason code of 5.0; 0: without an answer. */
  readonly refusalCode: Uint8Array;
  /** What its server has refused the client with, in the client's version; 0: it has not. */
  readonly serverCode: Uint8Array;
  /** What a server is being told before MQTT: see stages/greet-server.ts. */
  readonly greeting: Uint8Array;
  /**
   * What a server has said so far to our request to speak WebSocket, or to the CONNECT, in bytes:
   * a CONNACK that is nearly whole may be longer than 16 bits can say.
   */
  readonly answerLength: Uint32Array;
  /** What the key of that request is made from. */
  readonly upgradeKeys: Int32Array;
  /** How often the row has been used. */
  readonly serial: Uint32Array;
  /** 1 when a stage has sent the client's last words itself. */
  readonly parting: Uint8Array;
  /** The state in which it began to end. */
  readonly endedIn: Uint8Array;
  /** How long it waited for a place at a server, and who stood before it then. */
  readonly queueMs: Int32Array;
  readonly queuePosition: Uint32Array;
  /** While it waits: the server that it belongs to, or ANY_SERVER. */
  readonly awaited: Int32Array;
  readonly clientIds: KeyStore;
  /** Keys of sticky tables that are neither client id nor address. */
  readonly stickKeys: StickKeys;
  /** A bit for each stick rule of its pool: whether that is about this client. */
  readonly stickRules: Uint8Array;
  /** What balancing hashes, where it is neither client id nor address. */
  readonly hashKeys: KeyStore;

  readonly #free: Int32Array;
  #freeCount = 0;
  /** Rows from here on were never used: their memory is untouched. */
  #touched = 0;
  /** The same, where the control plane sees it. */
  readonly #end: Uint32Array;

  /** @param columns those that the control plane may see, with every row free */
  constructor(max: number, columns: ConnectionColumns = makeConnectionColumns(max)) {
    assert(columns.max === max, "shared columns have a row for each connection");
    this.max = max;
    this.#end = columns.end;
    this.state = columns.state;
    this.plan = new Uint8Array(max);
    this.listener = columns.listener;
    this.pool = columns.pool;
    this.server = columns.server;
    this.reason = new Uint8Array(max);
    this.rule = new Uint8Array(max);
    this.level = columns.level;
    this.watch = new Uint8Array(max);
    this.open = new Uint8Array(max);
    this.closing = new Uint8Array(max);
    this.ended = new Uint8Array(max);
    this.blocked = new Uint8Array(max);
    this.answer = new Uint8Array(max);
    this.errno = new Uint16Array(max);
    this.connectSize = new Uint32Array(max);
    this.heldLength = new Uint32Array(max);
    this.attempts = new Uint8Array(max);
    this.retries = new Uint8Array(max);
    this.redispatches = new Uint8Array(max);
    this.tried = new Int32Array(max * TRIED_MAX);
    this.triedCount = new Uint8Array(max);
    this.idleTimeoutMs = new Uint32Array(max);
    this.idleMaxMs = new Uint32Array(max);
    this.keepAlive = new Uint16Array(max);
    this.keepsAlive = new Uint8Array(max);
    this.admitted = new Uint8Array(max);
    this.sessionSeconds = new Uint32Array(max);
    this.countedOut = new Uint8Array(max);
    this.packetSizeMax = new Uint32Array(max);
    this.finishTimeoutMs = new Uint32Array(max);
    this.acceptedAtMs = columns.acceptedAtMs;
    this.firstDialledAtMs = new Float64Array(max);
    this.dialledAtMs = new Float64Array(max);
    this.dialMs = new Int32Array(max);
    this.connackMs = columns.connackMs;
    this.idPlace = columns.idPlace;
    this.hasRival = new Uint8Array(max);
    this.bytes = columns.bytes;
    this.packets = columns.packets;
    this.endpoints = columns.endpoints;
    this.destinations = new Uint8Array(max * ENDPOINT_SIZE);
    this.hasDestination = new Uint8Array(max);
    this.hasConnect = new Uint8Array(max);
    this.wantedServer = new Int32Array(max);
    this.refusalCode = new Uint8Array(max);
    this.serverCode = new Uint8Array(max);
    this.greeting = new Uint8Array(max);
    this.answerLength = new Uint32Array(max);
    this.upgradeKeys = new Int32Array(max);
    this.serial = columns.serial;
    this.parting = new Uint8Array(max);
    this.endedIn = new Uint8Array(max);
    this.queueMs = new Int32Array(max);
    this.queuePosition = new Uint32Array(max);
    this.awaited = new Int32Array(max);
    const { clientIdLengths: lengths, clientIds: inline, longIdHashes: hashes } = columns;
    this.clientIds = new KeyStore(max, { lengths, inline, hashes });
    this.stickKeys = new StickKeys(max);
    this.stickRules = new Uint8Array(max);
    this.hashKeys = new KeyStore(max);
    this.#free = new Int32Array(max);
  }

  get count(): number {
    return this.#touched - this.#freeCount;
  }

  /** Rows below this one may be in use. */
  get end(): number {
    return this.#touched;
  }

  /** @returns a free row, or -1 when all are in use */
  allocate(): number {
    if (this.#freeCount > 0) return this.#free[--this.#freeCount]!;
    if (this.#touched === this.max) return -1;
    this.#end[0] = this.#touched + 1;
    return this.#touched++;
  }

  /** Makes a row that `allocate` gave ready for a client that has just been accepted. */
  begin(connection: number, state: number, nowMs: number): void {
    assert(this.state[connection] === FREE, "a row is begun once");
    this.server[connection] = NO_SERVER;
    this.reason[connection] = NO_REASON;
    this.rule[connection] = 0;
    this.level[connection] = 0;
    this.watch[connection] = 0;
    this.open[connection] = CLIENT;
    this.closing[connection] = 0;
    this.ended[connection] = 0;
    this.blocked[connection] = 0;
    this.answer[connection] = UNANSWERED;
    this.errno[connection] = 0;
    this.keepAlive[connection] = 0;
    this.keepsAlive[connection] = 0;
    this.admitted[connection] = 0;
    this.sessionSeconds[connection] = 0;
    this.countedOut[connection] = 0;
    this.packetSizeMax[connection] = 0;
    this.hasDestination[connection] = 0;
    this.hasConnect[connection] = 0;
    this.idPlace[connection] = NO_PLACE;
    this.hasRival[connection] = 0;
    this.wantedServer[connection] = NO_SERVER;
    this.stickRules[connection] = EVERY_RULE;
    this.refusalCode[connection] = 0;
    this.serverCode[connection] = 0;
    this.greeting[connection] = 0;
    this.serial[connection]! += 1;
    this.parting[connection] = 0;
    this.endedIn[connection] = FREE;
    this.queueMs[connection] = 0;
    this.queuePosition[connection] = 0;
    this.connectSize[connection] = 0;
    this.heldLength[connection] = 0;
    this.attempts[connection] = 0;
    this.retries[connection] = 0;
    this.redispatches[connection] = 0;
    this.triedCount[connection] = 0;
    this.acceptedAtMs[connection] = nowMs;
    this.dialMs[connection] = -1;
    this.connackMs[connection] = -1;
    this.bytes[2 * connection] = 0;
    this.bytes[2 * connection + 1] = 0;
    this.packets[2 * connection] = 0;
    this.packets[2 * connection + 1] = 0;
    this.enter(connection, state);
  }

  /** Takes a step of the state machine. */
  enter(connection: number, state: number): void {
    assert(mayFollow(this.state[connection]!, state), "a connection takes only steps of the table");
    this.state[connection] = state;
  }

  /** Frees a row whose sockets are closed. */
  release(connection: number): void {
    assert(this.state[connection] === CLOSING, "only a closed connection is released");
    assert(this.open[connection] === 0, "a released connection has no sockets");
    this.enter(connection, FREE);
    this.clientIds.clear(connection);
    this.stickKeys.clear(connection);
    this.hashKeys.clear(connection);
    this.#free[this.#freeCount++] = connection;
  }

  /** Remembers a server this connection failed on. */
  addTried(connection: number, server: number): void {
    const count = this.triedCount[connection]!;
    const at = connection * TRIED_MAX;
    if (count < TRIED_MAX) this.triedCount[connection] = count + 1;
    else this.tried.copyWithin(at, at + 1, at + TRIED_MAX);
    this.tried[at + Math.min(count, TRIED_MAX - 1)] = server;
  }
}
