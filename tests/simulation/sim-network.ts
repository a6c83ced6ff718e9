// A simulated TCP network in one process: a clock, listening sockets, connections. Everything that
// happens by chance comes from the dice, everything that takes time is an event of the queue, so
// that a seed decides all.
//
// It behaves as Linux does where a balancer can tell: a close with unread bytes is a reset, bytes
// for a closed socket are answered with a reset, a reset may overtake what is on its way. Nothing
// is ever lost, reordered or invented without one of both ends being told.

import { type Endpoint, formatEndpoint, makeEndpoint } from "../../src/bytes/endpoint.ts";
import { EventQueue } from "./event-queue.ts";
import type { Dice, Faults } from "./faults.ts";
import { SimSocket, type SocketNetwork, type SocketWatcher } from "./sim-socket.ts";

const ECONNREFUSED = 111;
const ENETUNREACH = 101;
const BACKLOG_MAX = 1024;

export class SimListener {
  readonly endpoint: Endpoint;
  /** A connection is there to be accepted. */
  onPending: () => void = () => {};
  readonly #backlog: SimSocket[] = [];
  closed = false;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  get pending(): number {
    return this.#backlog.length;
  }

  accept(): SimSocket | null {
    return this.#backlog.shift() ?? null;
  }

  enqueue(socket: SimSocket): void {
    this.#backlog.push(socket);
    this.onPending();
  }

  /** Resets what nobody has accepted. */
  close(): void {
    this.closed = true;
    for (const socket of this.#backlog.splice(0)) socket.reset();
  }
}

export class SimNetwork implements SocketNetwork {
  readonly dice: Dice;
  readonly faults: Faults;
  /** Called with each line of the trace; null when nobody reads it. */
  trace: ((line: string) => void) | null = null;
  /** Connects that are never answered, whatever the rates: by endpoint. */
  readonly silent = new Set<string>();
  /** Endpoints to which no way leads. */
  readonly unreachable = new Set<string>();
  readonly #queue = new EventQueue();
  readonly #listeners = new Map<string, SimListener>();
  readonly #listenerFds: SimListener[] = [];
  #now: number;
  #portCount = 0;

  constructor(dice: Dice, faults: Faults, startMs = 1_000) {
    this.dice = dice;
    this.faults = faults;
    this.#now = startMs;
  }

  /** Milliseconds of the virtual clock. */
  get now(): number {
    return this.#now;
  }

  get isIdle(): boolean {
    return this.#queue.length === 0;
  }

  after(delayMs: number, run: () => void): void {
    this.#queue.push(this.#now + delayMs, run);
  }

  at(atMs: number, run: () => void): void {
    this.#queue.push(Math.max(atMs, this.#now), run);
  }

  /** How long something is under way. */
  drawLatency(): number {
    return this.dice.below(this.faults.latencyMaxMs + 1);
  }

  /**
   * Lets time pass and things happen, until `untilMs` or until `stop` says so.
   * @returns false when nothing will ever happen again
   */
  run(untilMs: number, stop: () => boolean): boolean {
    while (!stop()) {
      const next = this.#queue.nextAtMs;
      if (next > untilMs) {
        this.#now = Math.max(this.#now, untilMs);
        return true;
      }
      if (next === Infinity) return false;
      this.#now = next;
      this.#queue.runNext();
    }
    return true;
  }

  /** @returns a number that stands for the socket, as a file descriptor would */
  listen(endpoint: Endpoint): number {
    const listener = new SimListener(endpoint);
    this.#listeners.set(formatEndpoint(endpoint, 0), listener);
    return this.#listenerFds.push(listener) - 1;
  }

  listenerOf(fd: number): SimListener {
    const listener = this.#listenerFds[fd];
    if (listener === undefined) throw new Error(`Cannot find a listening socket with fd ${fd}`);
    return listener;
  }

  closeListener(fd: number): void {
    const listener = this.listenerOf(fd);
    this.#listeners.delete(formatEndpoint(listener.endpoint, 0));
    listener.close();
  }

  /** An address and port that nobody else has. */
  makeEndpoint(): Endpoint {
    const n = this.#portCount++;
    return makeEndpoint(`10.0.0.${1 + (n % 5)}`, 1024 + n)!;
  }

  /** Starts connecting; the watcher is told of the outcome. */
  connect(to: Endpoint, watcher: SocketWatcher): SimSocket {
    const near = new SimSocket(this, this.makeEndpoint(), to, watcher);
    const name = formatEndpoint(to, 0);
    if (this.unreachable.has(name)) {
      this.after(0, () => near.fail(-ENETUNREACH));
    } else if (!this.silent.has(name) && !this.dice.chance(this.faults.lostConnects)) {
      this.after(this.drawLatency(), () => this.#arriveAt(name, near));
    }
    return near;
  }

  #arriveAt(name: string, near: SimSocket): void {
    if (near.closed) return;
    const listener = this.#listeners.get(name);
    const refused = this.dice.chance(this.faults.refusedConnects);
    if (listener === undefined || refused || listener.pending >= BACKLOG_MAX) {
      near.fail(-ECONNREFUSED);
      return;
    }
    const far = new SimSocket(this, listener.endpoint, near.local, {});
    near.join(far);
    listener.enqueue(far);
  }
}
