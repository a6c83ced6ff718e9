// Per server, what every worker must know before the next accept: may it be used, how much of the
// traffic it takes, how many connections it has.
//
// Choosers read the words with Atomics.load at each choice, so a server that goes down is out of
// the rotation of every worker at once. Bounded by serversMax. Decides nothing: health is the
// control plane's verdict, and which server is the balancer's.

import { assert } from "../assert.ts";
import type { ChangeLog } from "./change-log.ts";
import type { EvictionOrders } from "./eviction-orders.ts";
import {
  SERVER_ADMIN,
  SERVER_BUCKET,
  SERVER_CUT_GENERATION,
  SERVER_DISCARDS_WILLS,
  SERVER_EVICTING,
  SERVER_FAILURE_ERRNO,
  SERVER_FAILURES,
  SERVER_HEALTH,
  SERVER_HELD_BACK,
  SERVER_IDENTITY,
  SERVER_LEFT_FOR_GOOD,
  SERVER_LIMIT,
  SERVER_LIMIT_FROM,
  SERVER_LIMIT_HELD_BACK,
  SERVER_WEIGHT,
  SERVER_WORDS,
  SERVERS_EPOCH,
  SERVERS_HEADER_WORDS,
} from "./layout.ts";
import { limitAt, limitWhileStarting, type PoolFill } from "./server-limit.ts";
import type { Tally } from "./tally.ts";
import { type BucketShape, tryTakeToken } from "./token-bucket.ts";

/** Takes connections. */
export const ADMIN_READY = 0;
/** Takes only clients that the sticky table sends; what is open stays. */
export const ADMIN_DRAIN = 1;
/** Takes nothing; what is open stays. */
export const ADMIN_MAINTENANCE = 2;

/** Clients stay. */
export const EVICTING_NOBODY = 0;
/** It is being emptied: clients are sent away at a pace, and none comes back. */
export const EVICTING_ALL = 1;
/** The time for that is up: whoever is left goes as they are. */
export const EVICTING_NOW = 2;
/** It has more than its share: some are sent away, and new ones come if nobody else has room. */
export const EVICTING_SURPLUS = 3;

export const WEIGHT_MAX = 256;
/** Parts of a weight or a limit, for a server that starts slowly. */
export const WEIGHT_PARTS = 16;

/** What the control plane says about a server when a plan brings it in. */
export interface ServerSettings {
  /** 0 to WEIGHT_MAX. */
  readonly weight: number;
  /** Over all workers; 0 means no limit. */
  readonly connectionsMax: number;
  /** What it gets however few clients its pool has; 0, or left out: `connectionsMax`, always. */
  readonly connectionsFrom?: number;
  /** hash32 of its name: the same for the same server, whatever number a plan gives it. */
  readonly identity: number;
  readonly up: boolean;
}

/** How clients that are sent away part with their server. */
export interface Parting {
  /** They should not come back to it. */
  readonly isForGood: boolean;
  /** Their wills are not to be published. */
  readonly discardsWills: boolean;
}

const EMPTY_POOL: PoolFill = { clients: 0, fullAt: 1 };

export interface ServerStateParts {
  readonly connections: Tally;
  readonly changes: ChangeLog;
  readonly evictions: EvictionOrders;
}

export class ServerStates {
  /** How many clients each worker may send away. */
  readonly evictions: EvictionOrders;
  private readonly words: Int32Array;
  private readonly connections: Tally;
  private readonly changes: ChangeLog;

  constructor(buffer: SharedArrayBuffer, parts: ServerStateParts) {
    this.words = new Int32Array(buffer);
    this.connections = parts.connections;
    this.changes = parts.changes;
    this.evictions = parts.evictions;
  }

  /** Whether balancing may send a new connection: it can take one, and has not too many. */
  available(server: number): boolean {
    return this.evicting(server) !== EVICTING_SURPLUS && this.canTake(server);
  }

  /** Whether it can take a new connection: up, ready, weighted, below its limit. */
  canTake(server: number): boolean {
    const at = this.at(server);
    return (
      Atomics.load(this.words, at + SERVER_HEALTH) === 1 &&
      Atomics.load(this.words, at + SERVER_ADMIN) === ADMIN_READY &&
      Atomics.load(this.words, at + SERVER_WEIGHT) > 0 &&
      !this.connections.isFull(server)
    );
  }

  /** Whether a client that belongs to it may come back: up, nobody sends it away, a place free. */
  availableToSticky(server: number): boolean {
    return this.keepsClients(server) && !this.connections.isFull(server);
  }

  /** The same, but for its limit. */
  keepsClients(server: number): boolean {
    const at = this.at(server);
    return (
      Atomics.load(this.words, at + SERVER_HEALTH) === 1 &&
      Atomics.load(this.words, at + SERVER_ADMIN) !== ADMIN_MAINTENANCE &&
      !this.isEmptied(at)
    );
  }

  /** Whether it would take a connection but for its limit. */
  isFull(server: number): boolean {
    return this.isUp(server) && this.connections.isFull(server);
  }

  /** Counts one more connection unless its limit is reached; exact over all workers. */
  tryAcquire(server: number): boolean {
    if (!this.connections.tryAcquire(server)) return false;
    this.changes.note(server);
    return true;
  }

  /** One connection that was acquired by this worker is gone. */
  release(server: number): void {
    this.connections.release(server);
    this.changes.note(server);
  }

  /** A dial was refused or timed out; the control plane counts it as a failed check. */
  reportFailure(server: number, errno: number): void {
    assert(errno > 0, "a failure has a positive errno");
    Atomics.store(this.words, this.at(server) + SERVER_FAILURE_ERRNO, errno);
    Atomics.add(this.words, this.at(server) + SERVER_FAILURES, 1);
  }

  /** Failed dials ever, modulo 2^32: compare with `!==`, subtract with `| 0`. */
  failures(server: number): number {
    return Atomics.load(this.words, this.at(server) + SERVER_FAILURES);
  }

  /** The errno of the latest failed dial, positive; 0 before the first. */
  failureErrno(server: number): number {
    return Atomics.load(this.words, this.at(server) + SERVER_FAILURE_ERRNO);
  }

  isUp(server: number): boolean {
    return Atomics.load(this.words, this.at(server) + SERVER_HEALTH) === 1;
  }

  admin(server: number): number {
    return Atomics.load(this.words, this.at(server) + SERVER_ADMIN);
  }

  /** As the operator says. A plain read: as fresh as the last Atomics operation of this thread. */
  weight(server: number): number {
    return this.words[this.at(server) + SERVER_WEIGHT]!;
  }

  /**
   * What it weighs in balancing, in sixteenths: less than its weight while it starts slowly or has
   * more than its share, 0 unless it is up and ready. Its limit does not matter here.
   */
  usableWeight(server: number): number {
    const at = this.at(server);
    if (Atomics.load(this.words, at + SERVER_HEALTH) !== 1) return 0;
    if (Atomics.load(this.words, at + SERVER_ADMIN) !== ADMIN_READY) return 0;
    const heldBack = this.words[at + SERVER_HELD_BACK]!;
    const isShed = this.words[at + SERVER_EVICTING] === EVICTING_SURPLUS;
    const parts = isShed ? 1 : WEIGHT_PARTS - heldBack;
    return this.words[at + SERVER_WEIGHT]! * parts;
  }

  identity(server: number): number {
    return Atomics.load(this.words, this.at(server) + SERVER_IDENTITY);
  }

  /** Open connections over all workers; see Tally.total. */
  active(server: number): number {
    return this.connections.total(server);
  }

  /** Open connections of one worker. */
  activeIn(server: number, worker: number): number {
    return this.connections.share(server, worker);
  }

  activeMax(server: number): number {
    return this.connections.peak(server);
  }

  /** Control plane: the most there ever were are from now on those there are. */
  forgetMost(): void {
    this.connections.forgetPeaks();
  }

  /** As the operator says; 0: no limit. */
  connectionsMax(server: number): number {
    return Atomics.load(this.words, this.at(server) + SERVER_LIMIT);
  }

  /** What it gets now: less while its pool has few clients, or it comes back; 0: no limit. */
  limitNow(server: number): number {
    return this.connections.max(server);
  }

  /**
   * Before a choice among servers whose limits rise with their pool: makes the limit of one what it
   * is now. Who waits for it is looked at again by whoever holds the line. Plain reads, see
   * `Tally.total`.
   */
  settleLimit(server: number, fill: PoolFill): void {
    const limit = this.limitOf(server, fill);
    if (limit === this.connections.maxSeen(server)) return;
    const wasFull = this.connections.isFull(server);
    this.connections.setMax(server, limit);
    // Only who has room now and had none, or the other way round, moves in anybody's order.
    if (this.connections.isFull(server) !== wasFull) this.changes.note(server);
  }

  /** Changes whenever a server goes up or down, is drained, or changes its weight or its limit. */
  epoch(): number {
    return Atomics.load(this.words, SERVERS_EPOCH);
  }

  /** How many changes of `active` were noted, modulo 2^32; see ChangeLog.end. */
  changesEnd(): number {
    return this.changes.end();
  }

  /** The server whose `active` changed then, or -1 when that is not known; see ChangeLog.at. */
  changedAt(index: number): number {
    return this.changes.at(index);
  }

  /** Control plane, when counts were changed without notes: everybody looks at all of them. */
  countsHaveChanged(): void {
    Atomics.add(this.words, SERVERS_EPOCH, 1);
  }

  /** Control plane: a plan brings this server in under this number. Its admin state stays. */
  define(server: number, settings: ServerSettings): void {
    Atomics.store(this.words, this.at(server) + SERVER_IDENTITY, settings.identity | 0);
    this.setLimitHeldBack(server, 0);
    this.setConnectionsFrom(server, settings.connectionsFrom ?? 0);
    this.setConnectionsMax(server, settings.connectionsMax);
    this.setWeight(server, settings.weight);
    this.setHeldBack(server, 0);
    this.setUp(server, settings.up);
  }

  /** Control plane: nobody is connected any more, and the number passes to another server. */
  forget(server: number): void {
    this.setLimitHeldBack(server, 0);
    this.setConnectionsFrom(server, 0);
    this.setConnectionsMax(server, 0);
    this.connections.forget(server);
    this.setAdmin(server, ADMIN_READY);
    this.setEvicting(server, EVICTING_NOBODY);
    this.setUp(server, false);
  }

  /** Control plane: the verdict of the checks. */
  setUp(server: number, up: boolean): void {
    this.setWord(server, SERVER_HEALTH, up ? 1 : 0);
  }

  /** Control plane: ADMIN_READY, ADMIN_DRAIN or ADMIN_MAINTENANCE. */
  setAdmin(server: number, admin: number): void {
    assert(admin >= ADMIN_READY && admin <= ADMIN_MAINTENANCE, "an admin state is one of three");
    this.setWord(server, SERVER_ADMIN, admin);
  }

  /** Control plane. */
  setWeight(server: number, weight: number): void {
    assert(weight >= 0 && weight <= WEIGHT_MAX, "a weight is 0 to 256");
    this.setWord(server, SERVER_WEIGHT, weight);
  }

  /** Control plane: how much of its weight a server that starts slowly does without, 0 to 15. */
  setHeldBack(server: number, sixteenths: number): void {
    assert(sixteenths >= 0 && sixteenths < WEIGHT_PARTS, "some of the weight always counts");
    this.setWord(server, SERVER_HELD_BACK, sixteenths);
  }

  /**
   * How often the connections of this server were ordered to be cut, modulo 2^32: compare with
   * `!==`. An order changes the epoch, too.
   */
  cutGeneration(server: number): number {
    return Atomics.load(this.words, this.at(server) + SERVER_CUT_GENERATION);
  }

  /** Control plane: orders that every connection which is open to this server now be cut. */
  cutConnections(server: number): void {
    Atomics.add(this.words, this.at(server) + SERVER_CUT_GENERATION, 1);
    Atomics.add(this.words, SERVERS_EPOCH, 1);
  }

  /** EVICTING_NOBODY, EVICTING_ALL, EVICTING_NOW or EVICTING_SURPLUS. */
  evicting(server: number): number {
    return Atomics.load(this.words, this.at(server) + SERVER_EVICTING);
  }

  /** Control plane: whether clients of this server are sent away; one of the four. */
  setEvicting(server: number, evicting: number): void {
    assert(evicting >= EVICTING_NOBODY && evicting <= EVICTING_SURPLUS, "one of the four");
    this.setWord(server, SERVER_EVICTING, evicting);
  }

  /** Whether the clients that are sent away now should not come back to this server. */
  isLeftForGood(server: number): boolean {
    return Atomics.load(this.words, this.at(server) + SERVER_LEFT_FOR_GOOD) === 1;
  }

  /** Whether the wills of clients that are sent away now are not to be published. */
  discardsWills(server: number): boolean {
    return Atomics.load(this.words, this.at(server) + SERVER_DISCARDS_WILLS) === 1;
  }

  /** Control plane, before anybody is sent away: how they part with the server. */
  setParting(server: number, { isForGood, discardsWills }: Parting): void {
    Atomics.store(this.words, this.at(server) + SERVER_LEFT_FOR_GOOD, isForGood ? 1 : 0);
    Atomics.store(this.words, this.at(server) + SERVER_DISCARDS_WILLS, discardsWills ? 1 : 0);
  }

  /** Whether the rate of new connections to this server allows one more; it is counted then. */
  tryTakeToken(server: number, rate: BucketShape, nowMs: number): boolean {
    return tryTakeToken(this.words, this.at(server) + SERVER_BUCKET, rate, nowMs);
  }

  /** Control plane: a limit below what is open closes nothing. */
  setConnectionsMax(server: number, connectionsMax: number): void {
    assert(connectionsMax >= 0, "a limit is not negative");
    this.setLimitWord(server, SERVER_LIMIT, connectionsMax);
  }

  /** Control plane: what it gets however few clients its pool has; 0: all of its limit. */
  setConnectionsFrom(server: number, connectionsFrom: number): void {
    assert(connectionsFrom >= 0, "a limit is not negative");
    this.setLimitWord(server, SERVER_LIMIT_FROM, connectionsFrom);
  }

  /** Control plane: how much of its limit a server that starts slowly does without, 0 to 15. */
  setLimitHeldBack(server: number, sixteenths: number): void {
    assert(sixteenths >= 0 && sixteenths < WEIGHT_PARTS, "some of the limit always counts");
    this.setLimitWord(server, SERVER_LIMIT_HELD_BACK, sixteenths);
  }

  // How full its pool is, the control plane does not know: whoever chooses next does.
  private setLimitWord(server: number, word: number, value: number): void {
    if (Atomics.exchange(this.words, this.at(server) + word, value) === value) return;
    const limit = this.limitOf(server, EMPTY_POOL);
    if (this.connections.setMax(server, limit) === limit) return;
    Atomics.add(this.words, SERVERS_EPOCH, 1);
  }

  private limitOf(server: number, fill: PoolFill): number {
    const at = this.at(server);
    const limit = limitAt(
      this.words[at + SERVER_LIMIT_FROM]!,
      this.words[at + SERVER_LIMIT]!,
      fill,
    );
    const parts = WEIGHT_PARTS - this.words[at + SERVER_LIMIT_HELD_BACK]!;
    return limitWhileStarting(limit, parts, WEIGHT_PARTS);
  }

  // Whoever empties a server drains it first, and an operator who says that it is ready means now.
  private isEmptied(at: number): boolean {
    if (Atomics.load(this.words, at + SERVER_ADMIN) === ADMIN_READY) return false;
    const evicting = Atomics.load(this.words, at + SERVER_EVICTING);
    return evicting === EVICTING_ALL || evicting === EVICTING_NOW;
  }

  // The word first: who sees the new epoch sees the new word.
  private setWord(server: number, word: number, value: number): void {
    const before = Atomics.exchange(this.words, this.at(server) + word, value);
    if (before !== value) Atomics.add(this.words, SERVERS_EPOCH, 1);
  }

  private at(server: number): number {
    const at = SERVERS_HEADER_WORDS + server * SERVER_WORDS;
    assert(server >= 0 && at < this.words.length, "a server number is below serversMax");
    return at;
  }
}
