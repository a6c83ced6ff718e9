// The listeners of a worker: which of them accept, and by which plan.
//
// One that has let in as many clients as its rates allow stops until they allow another: the others
// wait in its backlog, and are told nothing.
//
// A listener that a plan no longer has takes in whoever waits in its backlog before it closes: the
// kernel resets those who are left there. They are served as if they had come before that plan.

import { assert } from "../assert.ts";
import type { Io } from "../io/io.ts";
import { NO_FD, type Plan } from "../shm/plan.ts";
import { AcceptRates } from "./accept-rates.ts";

/** A listener whose backlog never empties, or that cannot accept, is closed all the same. */
const LEAVING_MS_MAX = 1_000;
/** How soon listeners that had no file descriptors are tried again, if none is closed meanwhile. */
const STARVED_RETRY_MS = 100;
const NEVER = -1;

export class Listening {
  readonly #io: Io;
  /** By listener number: the socket it accepts on, or NO_FD. */
  readonly #fds: number[] = [];
  /** By listener number: the plan that its clients get, an index of live-plans.ts. */
  readonly #plans: number[] = [];
  /** Listener numbers that accept for the last time, and until when. */
  readonly #leaving = new Map<number, number>();
  /** Those of them that have accepted in this turn, or have not had a whole turn yet. */
  readonly #busy = new Set<number>();
  readonly #rates = new AcceptRates();
  /** Listener numbers that are over a rate, and when another client's turn has come. */
  readonly #held = new Map<number, number>();
  /** Those that were, and go on with this turn: whoever comes in it has waited. */
  readonly #freed = new Set<number>();
  #isStarved = false;
  #retryAtMs = 0;

  constructor(io: Io) {
    this.#io = io;
  }

  /** True while a removed listener is still open: clients may come, or it waits for its rate. */
  get isLeaving(): boolean {
    return this.#leaving.size > 0;
  }

  /** True from `pause` on, until all accept again. */
  get isStarved(): boolean {
    return this.#isStarved;
  }

  /** How long a turn may wait so that nobody waits in vain; -1: for ever. */
  get waitMs(): number {
    if (this.#freed.size > 0) return 0;
    let untilMs = this.#isStarved ? this.#retryAtMs : Number.POSITIVE_INFINITY;
    for (const [listener, lastMs] of this.#leaving) {
      // What accepts is closed by the first turn that brings nobody.
      if (!this.#held.has(listener)) return 0;
      untilMs = Math.min(untilMs, lastMs);
    }
    for (const each of this.#held.values()) untilMs = Math.min(untilMs, each);
    if (untilMs === Number.POSITIVE_INFINITY) return NEVER;
    return Math.max(0, Math.ceil(untilMs - this.#io.now));
  }

  /** The index of the plan by which a listener's clients are served. */
  planOf(listener: number): number {
    return this.#plans[listener]!;
  }

  /** Opens and closes what a new plan says; what stays goes on undisturbed. */
  use(plan: Plan, index: number): void {
    plan.listeners.forEach(({ fd }, listener) => {
      const before = this.#fds[listener] ?? NO_FD;
      if (fd === NO_FD) {
        if (before !== NO_FD) this.#leave(listener);
        return;
      }
      this.#plans[listener] = index;
      this.#leaving.delete(listener);
      this.#rates.use(listener, plan);
      this.#io.acceptFew(listener, this.#rates.has(listener));
      // What holds it may hold no more: the next client tells.
      if (this.#held.has(listener)) this.#held.set(listener, this.#io.now);
      if (fd === before) return;
      if (before !== NO_FD) this.#forget(listener);
      this.#fds[listener] = fd;
      this.#io.listen(listener, fd);
      if (this.#isStarved) this.#io.pauseAccepting(listener);
    });
  }

  /** A client of this listener is there. @returns whether it had to wait for the listener's rate */
  onAccept(listener: number): boolean {
    if (this.#leaving.size > 0) this.#busy.add(listener);
    return this.#freed.size > 0 && this.#freed.delete(listener);
  }

  /** A client is let in, which counts against the rates of its listener. */
  onLetIn(listener: number): void {
    if (!this.#rates.has(listener)) return;
    const { now } = this.#io;
    const waitMs = this.#rates.letIn(listener, now);
    if (waitMs === 0) return;
    this.#held.set(listener, now + waitMs);
    this.#io.pauseAccepting(listener);
  }

  /**
   * Once a turn: lets listeners go on whose rates allow it, tries those again that had no file
   * descriptors, and closes those that are removed.
   */
  afterTurn(): void {
    if (this.#freed.size > 0) this.#freed.clear();
    if (this.#isStarved && this.#io.now >= this.#retryAtMs) this.resume();
    if (this.#held.size > 0) this.#free();
    for (const [listener, untilMs] of this.#leaving) {
      const mayCome = this.#held.has(listener) || this.#freed.has(listener);
      if ((this.#busy.delete(listener) || mayCome) && this.#io.now < untilMs) continue;
      this.#leaving.delete(listener);
      this.#close(listener);
    }
  }

  /** Calls back with the indexes of plans that clients of removed listeners still get. */
  forEachLeavingPlan(visit: (index: number) => void): void {
    for (const listener of this.#leaving.keys()) visit(this.#plans[listener]!);
  }

  /**
   * Leaves clients of all listeners in their backlogs, for a moment or until `resume`: there are no
   * file descriptors.
   */
  pause(): void {
    this.#isStarved = true;
    this.#retryAtMs = this.#io.now + STARVED_RETRY_MS;
    this.#forEachOpen((listener) => this.#io.pauseAccepting(listener));
  }

  /** A descriptor has become free, or may have. */
  resume(): void {
    this.#isStarved = false;
    this.#forEachOpen((listener) => {
      if (!this.#held.has(listener)) this.#io.resumeAccepting(listener);
    });
  }

  /** Closes all of them at once: for a worker that stops. */
  stop(): void {
    this.#leaving.clear();
    this.#isStarved = false;
    this.#forEachOpen((listener) => this.#close(listener));
  }

  #free(): void {
    const { now } = this.#io;
    for (const [listener, untilMs] of this.#held) {
      if (untilMs > now) continue;
      this.#held.delete(listener);
      if (this.#isStarved) continue;
      this.#freed.add(listener);
      this.#io.resumeAccepting(listener);
    }
  }

  #leave(listener: number): void {
    if (this.#leaving.has(listener)) return;
    this.#leaving.set(listener, this.#io.now + LEAVING_MS_MAX);
    this.#busy.add(listener);
  }

  #close(listener: number): void {
    assert(this.#fds[listener] !== NO_FD, "a listener is closed once");
    this.#fds[listener] = NO_FD;
    this.#forget(listener);
  }

  #forget(listener: number): void {
    this.#held.delete(listener);
    this.#freed.delete(listener);
    this.#rates.forget(listener);
    this.#io.unlisten(listener);
  }

  #forEachOpen(visit: (listener: number) => void): void {
    for (let listener = 0; listener < this.#fds.length; listener++) {
      if ((this.#fds[listener] ?? NO_FD) !== NO_FD) visit(listener);
    }
  }
}
