// When a server has joined or come back, the others give it its share: the surplus of each is sent
// away at a pace, and nobody else is touched. By the operator's word, or by itself when a pool has
// been out of its band for some looks.
//
// What the surplus is, balance/surplus.ts says; how clients go, evictions.ts. A pool that goes by a
// hash or fills its first server is left alone: clients would come back to where they were. Bounded
// by the pools.

import {
  findLacking,
  findSurplus,
  type Lacking,
  type ServerLoad,
  type Surplus,
} from "../balance/surplus.ts";
import type { PoolSettings, ServerSettings } from "../config/settings.ts";
import type { Clock, Timer } from "../health/clock.ts";
import type { ServerStates } from "../shm/server-state.ts";
import type { Evictions, ShedOptions } from "./evictions.ts";

const LOOK_EVERY_MS = 1_000;
/** A server that has just come back may be gone again: so many looks in a row must agree. */
const LOOKS_WANTED = 3;
/** How often one second gives what `ratePerSecond` says; and then some, for clients in the way. */
const DEADLINE_FACTOR = 3;
const DEADLINE_MS_MIN = 60_000;
const JITTER_PERCENT = 50;

export interface RebalancingOptions {
  /** By number; null for a number without an owner. */
  readonly pools: () => readonly (PoolSettings | null)[];
  readonly servers: () => readonly (ServerSettings | null)[];
  readonly states: ServerStates;
  readonly evictions: Evictions;
  readonly clock: Clock;
  /** Whether a server has all its weight, or is still coming back. */
  readonly isWhole: (server: number) => boolean;
}

export class Rebalancing {
  private readonly options: RebalancingOptions;
  /** By pool number: looks in a row that found it out of its band. */
  private readonly looks = new Map<number, number>();
  private timer: Timer | null = null;

  constructor(options: RebalancingOptions) {
    this.options = options;
  }

  start(): void {
    this.timer = this.options.clock.setTimer(() => this.look(), LOOK_EVERY_MS);
  }

  stop(): void {
    if (this.timer !== null) this.options.clock.clearTimer(this.timer);
    this.timer = null;
  }

  /**
   * Moves the surplus of a pool now, at the operator's word.
   * @returns the servers that are shed, and how many clients of each; none within the band
   */
  run(number: number): readonly Surplus[] {
    const pool = this.options.pools()[number] ?? null;
    if (pool === null || !canMove(pool)) return [];
    const loads = this.loadsOf(pool);
    const surplus = findSurplus(loads, pool.rebalance.bandPercent);
    const total = surplus.reduce((sum, { count }) => sum + count, 0);
    const arrival = this.arrivalOf(findLacking(loads));
    for (const { server, target, count } of surplus) {
      const ratePerSecond = (pool.rebalance.ratePerSecond * count) / total;
      const deadlineMs = (DEADLINE_FACTOR * 1_000 * count) / ratePerSecond;
      this.options.evictions.shed(server, {
        ...{ target, ratePerSecond, jitterPercent: JITTER_PERCENT },
        discardsWills: pool.rebalance.discardsWills,
        deadlineMs: Math.max(DEADLINE_MS_MIN, deadlineMs),
        ...arrival,
      });
    }
    return surplus;
  }

  /** Whether a pool wants it, and its clients would not come back to where they were. */
  canRun(number: number): boolean {
    const pool = this.options.pools()[number] ?? null;
    return pool !== null && canMove(pool);
  }

  private look(): void {
    for (const [number, pool] of this.options.pools().entries()) {
      if (pool?.rebalance.mode !== "automatic" || !canMove(pool)) continue;
      const isOut = this.isSettled(pool) && this.isOutOfBand(pool);
      const looks = isOut ? (this.looks.get(number) ?? 0) + 1 : 0;
      this.looks.set(number, looks % LOOKS_WANTED);
      if (looks === LOOKS_WANTED) this.run(number);
    }
    this.start();
  }

  // While clients are on their way, or a server's weight rises, shares are not what they will be.
  private isSettled({ servers }: PoolSettings): boolean {
    const { evictions, isWhole } = this.options;
    return servers.every((server) => !evictions.isRunning(server) && isWhole(server));
  }

  private isOutOfBand(pool: PoolSettings): boolean {
    return findSurplus(this.loadsOf(pool), pool.rebalance.bandPercent).length > 0;
  }

  private loadsOf({ servers }: PoolSettings): readonly ServerLoad[] {
    const { states, servers: settings } = this.options;
    const all = settings();
    return servers.flatMap((server) => {
      const isUsed = states.usableWeight(server) > 0 && all[server]?.backup === false;
      const [active, weight] = [states.active(server), states.weight(server)];
      return isUsed ? [{ server, active, weight }] : [];
    });
  }

  // Of those who lack clients: whether they have them, or are all gone themselves.
  private arrivalOf(lacking: readonly Lacking[]): Pick<ShedOptions, "haveArrived" | "isPointless"> {
    const { states } = this.options;
    const isUsed = ({ server }: Lacking) => states.usableWeight(server) > 0;
    const hasShare = ({ server, share }: Lacking) => states.active(server) >= share;
    return {
      haveArrived: () => lacking.every((each) => !isUsed(each) || hasShare(each)),
      isPointless: () => lacking.length > 0 && !lacking.some(isUsed),
    };
  }
}

function canMove({ balance, hash, rebalance }: PoolSettings): boolean {
  return hash === null && balance !== "first" && rebalance.mode !== "off";
}
