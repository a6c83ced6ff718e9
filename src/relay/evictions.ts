// Sends clients of a server away as the control plane grants it: because the server drains, or has
// more than its share.
//
// Those go first who lose least: without a session that outlives the connection, then with one,
// then with requests under way, and connections that are not followed as MQTT. Each goes between
// two packets, with a DISCONNECT where it speaks 5.0; who is in the middle of one stays for now.
// A turn without a grant costs one load. Bounded by laps over the worker's rows.

import { assert } from "../assert.ts";
import { DISCONNECT } from "../mqtt/packet.ts";
import { REASON } from "../shm/close-reason.ts";
import { COUNTER } from "../shm/counters.ts";
import { EVICTING_NOBODY, EVICTING_NOW, EVICTING_SURPLUS } from "../shm/server-state.ts";
import { clientSlot, NO_SERVER, serverSlot } from "./connections.ts";
import { isBetweenPackets } from "./farewell.ts";
import type { RelayContext } from "./relay-context.ts";
import { ACCEPTED } from "./server-answer.ts";
import { CLOSING, FREE, LINGERING, RELAYING } from "./state.ts";
import { forgetStick } from "./stickiness.ts";

// How soon a connection goes.
const WITHOUT_SESSION = 0;
const WITH_SESSION = 1;
const UNDER_WAY = 2;
/** In the middle of a packet, or not relayed yet: only when the time is up. */
const HELD_UP = 3;
/** It has ended already. */
const GONE = 4;

type End = (connection: number, reason: number) => void;

export class Evictions {
  readonly #context: RelayContext;
  #epoch: number;
  /** By server number: how many may go in this turn. */
  readonly #due: number[] = [];
  #dueTotal = 0;
  /** Where the next lap begins, so that all rows have their turn. */
  #next = 0;

  constructor(context: RelayContext) {
    this.#context = context;
    this.#epoch = context.servers.evictions.epoch();
  }

  /** Once a turn. @param end ends one connection */
  afterTurn(end: End): void {
    const { evictions } = this.#context.servers;
    const epoch = evictions.epoch();
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#takeGrants();
    for (let rank = WITHOUT_SESSION; rank <= HELD_UP && this.#dueTotal > 0; rank++) {
      this.#lap(rank, end);
    }
  }

  #takeGrants(): void {
    const { routes, servers } = this.#context;
    this.#dueTotal = 0;
    const count = routes?.plan.servers.length ?? 0;
    for (let server = 0; server < count; server++) {
      const isWanted = servers.evicting(server) !== EVICTING_NOBODY;
      const due = isWanted ? Math.max(0, servers.evictions.due(server)) : 0;
      this.#due[server] = due;
      this.#dueTotal += due;
    }
  }

  // Once over all rows, from where the last lap ended.
  #lap(rank: number, end: End): void {
    const { connections } = this.#context;
    const rows = connections.end;
    for (let left = rows; left > 0 && this.#dueTotal > 0; left--) {
      if (this.#next >= rows) this.#next = 0;
      const connection = this.#next++;
      const server = connections.server[connection]!;
      if (server === NO_SERVER || (this.#due[server] ?? 0) === 0) continue;
      if (this.#rankOf(connection, server) <= rank) this.#move(connection, server, end);
    }
  }

  #rankOf(connection: number, server: number): number {
    const { connections, servers, tracker } = this.#context;
    const state = connections.state[connection]!;
    if (state === FREE || state === CLOSING || state === LINGERING) return GONE;
    const isMqtt = connections.level[connection] !== 0;
    if (!isAtRest(this.#context, connection)) {
      return servers.evicting(server) === EVICTING_NOW ? HELD_UP : GONE;
    }
    if (!isMqtt || tracker.openExchanges(clientSlot(connection)) > 0) return UNDER_WAY;
    return connections.sessionSeconds[connection] === 0 ? WITHOUT_SESSION : WITH_SESSION;
  }

  #move(connection: number, server: number, end: End): void {
    const { connections, row, servers } = this.#context;
    assert(this.#due[server]! > 0, "a client is moved on a grant");
    const isSurplus = servers.evicting(server) === EVICTING_SURPLUS;
    // Else it would come back to where there are too many.
    forgetStick(this.#context, connection);
    if (servers.discardsWills(server)) sayGoodbyeFor(this.#context, connection);
    end(connection, REASON[isSurplus ? "moved-for-balance" : "moved-by-drain"]);
    // While it reads its last words the server would still look too full, and shed one more.
    servers.release(server);
    connections.countedOut[connection] = 1;
    servers.evictions.noteMoved(server);
    this.#due[server]! -= 1;
    this.#dueTotal -= 1;
    row[COUNTER.evictions]! += 1;
  }
}

// Served, in both directions, and not in the middle of anything.
function isAtRest(context: RelayContext, connection: number): boolean {
  const { answer, ended, level, state } = context.connections;
  const hasAnswer = level[connection] === 0 || answer[connection] === ACCEPTED;
  const isServed = state[connection] === RELAYING && hasAnswer && ended[connection] === 0;
  return isServed && isWhole(context, connection);
}

// A server that gets a DISCONNECT drops the will [MQTT-3.14.4-3]. In 5.0 one without properties
// leaves the session's expiry as it was (5.0, 3.14.2.2.2).
function sayGoodbyeFor(context: RelayContext, connection: number): void {
  const { connections, io, transport } = context;
  if (connections.level[connection] === 0 || !isAtRest(context, connection)) return;
  io.bytes.set(DISCONNECT, io.scratchOffset);
  // One that cannot be told any more notices the end of the connection all the same.
  transport.send(serverSlot(connection), io.scratchOffset, DISCONNECT.length);
}

// Bytes that a side was handed are lost with its socket: who has some left is under way.
function isWhole(context: RelayContext, connection: number): boolean {
  return isBetweenPackets(context, connection) && context.held.isEmpty(connection);
}
