// The listeners of a worker: which of them accept, and by which plan.
//
// A listener that a plan no longer has takes in whoever waits in its backlog before it closes: the
// kernel resets those who are left there. They are served as if they had come before that plan.

import { assert } from "../assert.ts";
import type { Io } from "../io/io.ts";
import { NO_FD, type Plan } from "../shm/plan.ts";

/** A listener whose backlog never empties, or that cannot accept, is closed all the same. */
const LEAVING_MS_MAX = 1_000;

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

  constructor(io: Io) {
    this.#io = io;
  }

  /** True while a removed listener still accepts: turns must follow without a pause. */
  get isLeaving(): boolean {
    return this.#leaving.size > 0;
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
      if (fd === before) return;
      if (before !== NO_FD) this.#io.unlisten(listener);
      this.#fds[listener] = fd;
      this.#io.listen(listener, fd);
    });
  }

  /** A client of this listener is there. */
  onAccept(listener: number): void {
    if (this.#leaving.size > 0) this.#busy.add(listener);
  }

  /** Once a turn: closes removed listeners in whose backlog nobody was left. */
  afterTurn(): void {
    for (const [listener, untilMs] of this.#leaving) {
      if (this.#busy.delete(listener) && this.#io.now < untilMs) continue;
      this.#leaving.delete(listener);
      this.#close(listener);
    }
  }

  /** Calls back with the indexes of plans that clients of removed listeners still get. */
  forEachLeavingPlan(visit: (index: number) => void): void {
    for (const listener of this.#leaving.keys()) visit(this.#plans[listener]!);
  }

  pause(): void {
    this.#forEachOpen((listener) => this.#io.pauseAccepting(listener));
  }

  resume(): void {
    this.#forEachOpen((listener) => this.#io.resumeAccepting(listener));
  }

  /** Closes all of them at once: for a worker that stops. */
  stop(): void {
    this.#leaving.clear();
    this.#forEachOpen((listener) => this.#close(listener));
  }

  #leave(listener: number): void {
    if (this.#leaving.has(listener)) return;
    this.#leaving.set(listener, this.#io.now + LEAVING_MS_MAX);
    this.#busy.add(listener);
  }

  #close(listener: number): void {
    assert(this.#fds[listener] !== NO_FD, "a listener is closed once");
    this.#fds[listener] = NO_FD;
    this.#io.unlisten(listener);
  }

  #forEachOpen(visit: (listener: number) => void): void {
    for (let listener = 0; listener < this.#fds.length; listener++) {
      if ((this.#fds[listener] ?? NO_FD) !== NO_FD) visit(listener);
    }
  }
}
