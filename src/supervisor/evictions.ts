// Servers that are being rid of clients: all of them because the operator empties the server, or
// the surplus because it has more than its share. The pace is kept here; workers do what they are
// granted (shm/eviction-orders.ts), whoever loses least first (relay/evictions.ts).
//
//   running ──nobody left to go──► done          stopped: from anywhere, at the operator's word
//      └──────deadline────► late ──► done
//
// A server that is emptied takes nobody until it is stopped or said to be ready. Bounded by the
// servers. Reads health's words, decides nothing about health.

import { assert } from "../assert.ts";
import type { DrainSettings } from "../config/moving-settings.ts";
import type { Clock, Timer } from "../health/clock.ts";
import {
  ADMIN_READY,
  EVICTING_ALL,
  EVICTING_NOBODY,
  EVICTING_NOW,
  EVICTING_SURPLUS,
  type ServerStates,
} from "../shm/server-state.ts";
import type { Logger } from "./logger.ts";
import { Pace, shareOut } from "./pace.ts";

export type EvictionState = "running" | "late" | "done" | "stopped";

/** How far it has come; times are of the wall clock. */
export interface EvictionStatus {
  readonly kind: "drain" | "rebalance";
  readonly state: EvictionState;
  readonly startedAtMs: number;
  readonly deadlineAtMs: number;
  /** Connections that it had at the start, and should be left with. */
  readonly firstCount: number;
  readonly target: number;
  /** Clients sent away so far. */
  readonly moved: number;
  /** Connections that it has. */
  readonly active: number;
}

export interface EvictionsOptions {
  readonly states: ServerStates;
  readonly workerCount: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** `pool/server`, for the log. */
  readonly nameOf: (server: number) => string;
  /** Rings every worker. */
  readonly wake: () => void;
  /** From now on nobody belongs to this server: sticky tables forget it. */
  readonly onEmptied: (server: number) => void;
}

type PacedSettings = Omit<DrainSettings, "isForGood"> & { readonly target: number };

/** How many are to be left, how fast the others go, and where to. */
export interface ShedOptions extends PacedSettings {
  /** Whether those whom the others lack have come to them. */
  readonly haveArrived: () => boolean;
  /** Whether there is nobody left to take them. */
  readonly isPointless: () => boolean;
}

interface Run {
  readonly server: number;
  readonly kind: EvictionStatus["kind"];
  readonly target: number;
  readonly firstCount: number;
  readonly movedBefore: number;
  readonly startedMs: number;
  readonly deadlineMs: number;
  readonly ratePerSecond: number;
  readonly pace: Pace;
  readonly haveArrived: () => boolean;
  readonly isPointless: () => boolean;
  /** Clients moved when that was looked at last, and when it was another number. */
  movedSeen: number;
  movedAtMs: number;
  state: EvictionState;
  timer: Timer | null;
}

/** Between looks at a server that is empty, or late. */
const REST_MS = 500;
/** Whoever was moved last has come back by then, or does not. */
const ARRIVAL_MS = 15_000;

export class Evictions {
  private readonly options: EvictionsOptions;
  private readonly wallClockOffsetMs: number;
  /** By server number: the latest run of each. */
  private readonly runs = new Map<number, Run>();

  constructor(options: EvictionsOptions) {
    this.options = options;
    this.wallClockOffsetMs = Date.now() - options.clock.now();
  }

  /**
   * Empties a server: its clients go at a pace, and none comes back until `stop`. The caller sees
   * to it that the server is in drain. Asked again, it goes on as it is now asked to.
   */
  drain(server: number, settings: DrainSettings): void {
    const { states, onEmptied } = this.options;
    this.stop(server);
    states.setParting(server, settings);
    states.setEvicting(server, EVICTING_ALL);
    onEmptied(server);
    const nobody = { target: 0, haveArrived: () => true, isPointless: () => false };
    this.begin(server, "drain", { ...settings, ...nobody });
  }

  /**
   * Sends the surplus of a server away: those above `target`, and nobody else. Until they have
   * come to others the server takes nobody for whom there is room elsewhere.
   */
  shed(server: number, settings: ShedOptions): void {
    assert(settings.target >= 0, "a target is a count");
    const { states } = this.options;
    this.stop(server);
    states.setParting(server, { ...settings, isForGood: false });
    states.setEvicting(server, EVICTING_SURPLUS);
    this.begin(server, "rebalance", settings);
  }

  /** Nobody else goes; the server takes clients again as far as it is ready. */
  stop(server: number): void {
    const run = this.runs.get(server);
    if (run === undefined) return;
    if (run.state === "running" || run.state === "late") this.enter(run, "stopped");
    this.release(run);
  }

  /** Null for a server that nobody was ever sent away from. */
  status(server: number): EvictionStatus | null {
    const run = this.runs.get(server);
    if (run === undefined) return null;
    const { kind, state, firstCount, target, startedMs, deadlineMs } = run;
    return {
      kind,
      state,
      startedAtMs: startedMs + this.wallClockOffsetMs,
      deadlineAtMs: startedMs + deadlineMs + this.wallClockOffsetMs,
      firstCount,
      target,
      moved: this.movedOf(run),
      active: this.options.states.active(server),
    };
  }

  /** Whether clients are being sent away from a server now. */
  isRunning(server: number): boolean {
    const state = this.runs.get(server)?.state;
    return state === "running" || state === "late";
  }

  /** Servers that are not there any more are forgotten. @param isThere by number */
  forget(isThere: (server: number) => boolean): void {
    for (const [server, run] of this.runs) {
      if (isThere(server)) continue;
      this.release(run);
      this.runs.delete(server);
    }
  }

  /** Ends everything at once, as Fairlead ends. */
  end(): void {
    for (const run of this.runs.values()) this.clearTimer(run);
  }

  private begin(server: number, kind: Run["kind"], settings: ShedOptions): void {
    const { states, clock, random, logger, nameOf } = this.options;
    const { target, deadlineMs, ratePerSecond, haveArrived, isPointless } = settings;
    const now = clock.now();
    const run: Run = {
      ...{ server, kind, target, deadlineMs, ratePerSecond, startedMs: now },
      ...{ haveArrived, isPointless, movedSeen: 0, movedAtMs: now },
      firstCount: states.active(server),
      movedBefore: states.evictions.moved(server),
      pace: new Pace(settings, random, now),
      state: "running",
      timer: null,
    };
    this.runs.set(server, run);
    const words = kind === "drain" ? "is emptied" : `has more than its share of ${target}`;
    const sentence = `Server "${nameOf(server)}" ${words}: ${run.firstCount} connections`;
    logger.info({ server: nameOf(server), ratePerSecond, deadlineMs, target }, sentence);
    this.look(run);
  }

  private look(run: Run): void {
    this.clearTimer(run);
    const { states, clock } = this.options;
    // The operator has said that it is ready: what was begun is over.
    const isRevoked = run.kind === "drain" && states.admin(run.server) === ADMIN_READY;
    if (isRevoked || run.isPointless()) {
      this.stop(run.server);
      return;
    }
    if (run.state !== "done" && this.isOver(run)) this.enter(run, "done");
    if (run.kind === "rebalance" && run.state === "done") {
      this.release(run);
      return;
    }
    if (run.state === "running" && clock.now() - run.startedMs >= run.deadlineMs) this.onLate(run);
    if (run.state === "running") this.grant(run);
    if (run.state === "stopped") return;
    const waitMs = run.state === "running" ? run.pace.nextLookMs() : REST_MS;
    run.timer = clock.setTimer(() => this.look(run), waitMs);
  }

  private isOver(run: Run): boolean {
    const { states, clock } = this.options;
    if (states.active(run.server) > run.target) return false;
    const moved = this.movedOf(run);
    const now = clock.now();
    if (moved !== run.movedSeen) Object.assign(run, { movedSeen: moved, movedAtMs: now });
    const isLate = now - run.startedMs >= run.deadlineMs;
    return isLate || now - run.movedAtMs >= ARRIVAL_MS || run.haveArrived();
  }

  private grant(run: Run): void {
    const { states, clock, wake } = this.options;
    const { evictions } = states;
    const outstanding = this.outstandingOf(run);
    const surplus = states.active(run.server) - run.target - outstanding;
    // Who cannot go yet is waited for: grants do not pile up.
    const room = Math.max(1, Math.ceil(run.ratePerSecond)) - outstanding;
    const count = run.pace.take(clock.now(), Math.max(0, Math.min(surplus, room)));
    const parts = shareOut(count, this.shares(run));
    for (const [worker, part] of parts.entries()) {
      if (part > 0) evictions.grant(run.server, worker, part);
    }
    if (count === 0 && outstanding === 0) return;
    if (count === 0) evictions.remind();
    wake();
  }

  // By how many more each worker has than it has been told to send away.
  private shares({ server }: Run): number[] {
    const { states, workerCount } = this.options;
    return Array.from({ length: workerCount }, (_, worker) => {
      const left = states.activeIn(server, worker) - states.evictions.outstanding(server, worker);
      return Math.max(0, left);
    });
  }

  private onLate(run: Run): void {
    const { states, logger, nameOf, wake } = this.options;
    const { server } = run;
    const left = states.active(server);
    const name = nameOf(server);
    this.enter(run, "late");
    logger.warn({ server: name, left }, `Server "${name}" still has ${left} connections`);
    if (run.kind === "rebalance") {
      this.release(run);
      run.state = "stopped";
      return;
    }
    states.setEvicting(server, EVICTING_NOW);
    for (const [worker, share] of this.shares(run).entries()) {
      if (share > 0) states.evictions.grant(server, worker, share);
    }
    wake();
  }

  private enter(run: Run, state: EvictionState): void {
    const { logger, nameOf } = this.options;
    run.state = state;
    if (state !== "done" && state !== "stopped") return;
    const name = nameOf(run.server);
    const moved = this.movedOf(run);
    const words = state === "done" ? "is done" : "was stopped";
    logger.info({ server: name, moved }, `Moving clients from "${name}" ${words}: ${moved} moved`);
  }

  private release(run: Run): void {
    const { states } = this.options;
    this.clearTimer(run);
    states.evictions.revoke(run.server);
    states.setEvicting(run.server, EVICTING_NOBODY);
  }

  private outstandingOf({ server }: Run): number {
    const { states, workerCount } = this.options;
    let sum = 0;
    for (let worker = 0; worker < workerCount; worker++) {
      sum += states.evictions.outstanding(server, worker);
    }
    return sum;
  }

  private movedOf({ server, movedBefore }: Run): number {
    return (this.options.states.evictions.moved(server) - movedBefore) | 0;
  }

  private clearTimer(run: Run): void {
    if (run.timer !== null) this.options.clock.clearTimer(run.timer);
    run.timer = null;
  }
}
