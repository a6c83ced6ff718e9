// What each server counts for: the words that workers read, and what follows when they change.
//
// Written first, then followed by the servers that track this one, by orders to cut connections, by
// one log line. Who says what of a server is server-health.ts's.

import type { PoolSettings, ServerSettings } from "../config/settings.ts";
import type { Clock } from "../health/clock.ts";
import type { AdminState, Condition, Standing } from "../health/condition.ts";
import { UpTimes, type UpTimesStatus } from "../health/up-times.ts";
import {
  ADMIN_DRAIN,
  ADMIN_MAINTENANCE,
  ADMIN_READY,
  type ServerStates,
} from "../shm/server-state.ts";
import type { Logger } from "./logger.ts";

/** Changes the page shows; older ones are in the log. */
const CHANGES_KEPT_MAX = 50;

const ADMIN_WORDS: Readonly<Record<AdminState, number>> = {
  ready: ADMIN_READY,
  drain: ADMIN_DRAIN,
  maintenance: ADMIN_MAINTENANCE,
};

const ADMIN_SENTENCES: Readonly<Record<AdminState, string>> = {
  ready: "is ready",
  drain: "drains",
  maintenance: "is in maintenance",
};

/** One server, and what is known of it by whom. */
export interface StandingEntry {
  readonly server: ServerSettings;
  readonly pool: PoolSettings;
  readonly condition: Condition;
  readonly times: UpTimes;
  standing: Standing;
  /** When it last began to drain, went into maintenance or was ready again; null: it never did. */
  adminChangedAtMs: number | null;
  /** Why it last went up or down; null: it never did. */
  reason: string | null;
}

/** A server went up or down, as the page lists it. */
export interface StateChange {
  /** Wall clock. */
  readonly atMs: number;
  readonly server: number;
  readonly up: boolean;
  readonly reason: string;
}

/** Why a server's standing may have changed. */
export interface Cause {
  /** `connection refused`. */
  readonly reason: string;
  readonly code: string;
  /** Of the probe that decided, to the microsecond; 0 when no probe did. */
  readonly checkDurationMs: number;
}

export interface StandingsOptions<Entry extends StandingEntry> {
  /** By server number; null for a number without an owner. */
  readonly entries: readonly (Entry | null)[];
  readonly states: ServerStates;
  readonly logger: Logger;
  readonly clock: Clock;
  /** A server that took nothing takes connections again. */
  readonly onBack: (server: number) => void;
  /** A server goes into maintenance, or comes out of it. */
  readonly onMaintenance: (server: number, isIn: boolean) => void;
}

export class Standings<Entry extends StandingEntry> {
  private readonly options: StandingsOptions<Entry>;
  private readonly latest: StateChange[] = [];
  /** By number: who tracks that server. */
  private trackers: ReadonlyMap<number, readonly number[]> = new Map();
  /** By name of a pool: when it had no server left. */
  private readonly poolTimes = new Map<string, UpTimes>();

  constructor(options: StandingsOptions<Entry>) {
    this.options = options;
  }

  /** The latest changes, newest first. */
  get changes(): readonly StateChange[] {
    return this.latest;
  }

  /** How often, and for how long, a pool had no server that is up; by the clock of checks. */
  poolStatus({ name, servers }: PoolSettings): UpTimesStatus {
    const now = this.options.clock.now();
    return (this.poolTimes.get(name) ?? new UpTimes(this.isAnyUp(servers), now)).status(now);
  }

  /** Servers have come, gone or changed: who tracks whom is looked up again. */
  linkTrackers(): void {
    const trackers = new Map<number, number[]>();
    for (const [number, entry] of this.options.entries.entries()) {
      const tracked = entry?.server.tracks ?? null;
      if (tracked === null) continue;
      trackers.set(tracked, [...(trackers.get(tracked) ?? []), number]);
    }
    this.trackers = trackers;
    const there = new Set(this.options.entries.map((entry) => entry?.pool.name));
    for (const name of this.poolTimes.keys()) if (!there.has(name)) this.poolTimes.delete(name);
  }

  /** A server is new, or defined anew: its words are written, and nobody is told. */
  settle(number: number): void {
    const entry = this.options.entries[number];
    if (!entry) return;
    const { up, admin } = this.standingOf(entry);
    entry.standing = { up, admin };
    entry.times.note(up, this.options.clock.now());
    this.write(number, entry.standing);
    this.followPool(entry.pool);
    if (admin === "maintenance") this.options.onMaintenance(number, true);
  }

  /** Something was said of a server: what follows from it is done, if anything does. */
  refresh(number: number, cause: Cause): void {
    const entry = this.options.entries[number];
    if (!entry) return;
    const before = entry.standing;
    const now = this.standingOf(entry);
    if (before.up === now.up && before.admin === now.admin) return;
    entry.standing = now;
    if (before.admin !== now.admin) entry.adminChangedAtMs = this.options.clock.now();
    this.write(number, now);
    this.followPool(entry.pool);
    if (before.up !== now.up) this.noteTurn(number, entry, cause);
    this.followUse(number, entry, { wasUsed: isUsed(before), isUsed: isUsed(now) });
    this.log(entry, before, cause);
    for (const tracker of this.trackers.get(number) ?? []) {
      const reason = `${cause.reason}, as "${nameOf(entry)}" which it tracks`;
      this.refresh(tracker, { ...cause, reason });
    }
    this.followMaintenance(number, before, now);
  }

  private standingOf({ server, condition }: Entry): Standing {
    const tracked = server.tracks === null ? null : this.options.entries[server.tracks];
    return condition.standing(tracked?.standing ?? null);
  }

  private write(number: number, { up, admin }: Standing): void {
    const { states } = this.options;
    states.setUp(number, up);
    states.setAdmin(number, ADMIN_WORDS[admin]);
  }

  private followPool({ name, servers }: PoolSettings): void {
    const isUp = this.isAnyUp(servers);
    const now = this.options.clock.now();
    const times = this.poolTimes.get(name) ?? new UpTimes(isUp, now);
    this.poolTimes.set(name, times);
    times.note(isUp, now);
  }

  // One in maintenance is up for nobody.
  private isAnyUp(servers: readonly number[]): boolean {
    const { states } = this.options;
    return servers.some((each) => states.isUp(each) && states.admin(each) !== ADMIN_MAINTENANCE);
  }

  private noteTurn(number: number, entry: Entry, { reason }: Cause): void {
    const { up } = entry.standing;
    entry.times.note(up, this.options.clock.now());
    entry.reason = reason;
    this.latest.unshift({ atMs: Date.now(), server: number, up, reason });
    if (this.latest.length > CHANGES_KEPT_MAX) this.latest.pop();
  }

  private followUse(
    number: number,
    { server, pool }: Entry,
    change: { readonly wasUsed: boolean; readonly isUsed: boolean },
  ): void {
    if (change.wasUsed === change.isUsed) return;
    const { states, entries, onBack } = this.options;
    const { onMarkedDown, onMarkedUp } = server.stateChanges;
    if (!change.isUsed) {
      if (onMarkedDown === "cut-connections") states.cutConnections(number);
      return;
    }
    onBack(number);
    if (server.backup || onMarkedUp !== "cut-backup-connections") return;
    for (const other of pool.servers) {
      if (entries[other]?.server.backup) states.cutConnections(other);
    }
  }

  private followMaintenance(number: number, before: Standing, now: Standing): void {
    const isIn = now.admin === "maintenance";
    if (isIn !== (before.admin === "maintenance")) this.options.onMaintenance(number, isIn);
  }

  private log(entry: Entry, before: Standing, cause: Cause): void {
    const { logger } = this.options;
    const { server, pool, standing } = entry;
    const { reason } = cause;
    const fields = { pool: pool.name, server: server.name, address: server.address, ...cause };
    const name = `Server "${nameOf(entry)}"`;
    if (before.admin !== standing.admin) {
      logger.info(fields, `${name} ${ADMIN_SENTENCES[standing.admin]}: ${reason}`);
    }
    if (before.up === standing.up) return;
    if (standing.up) logger.info(fields, `${name} is UP: ${reason}`);
    else logger.warn(fields, `${name} is DOWN: ${reason}`);
    if (!standing.up) this.warnOfEmptyPool(pool);
  }

  private warnOfEmptyPool({ name, servers }: PoolSettings): void {
    if (servers.some((server) => this.options.states.isUp(server))) return;
    this.options.logger.error({ pool: name }, `Pool "${name}" has no server left that is up`);
  }
}

/** Whether connections go there at all. */
function isUsed({ up, admin }: Standing): boolean {
  return up && admin !== "maintenance";
}

function nameOf({ server, pool }: StandingEntry): string {
  return `${pool.name}/${server.name}`;
}
