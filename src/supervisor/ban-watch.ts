// Who is banned: read from the tables that workers keep bans in (relay/bans.ts), told to the log
// when a ban begins and when it is over, and lifted.
//
//   banned ──> ended        its time is up
//         ├──> lifted       an operator has said so
//         └──> forgotten    its key made room for others, or its listener bans nobody any more
//
// Tables are walked when a worker has counted a ban, or one is due to end: once a second, and less
// often where that takes long. Bounded by LISTED_MAX bans of a table that are listed and whose
// changes are told, TOLD_MAX lines a walk and KEPT_MAX changes; how many bans there are is counted
// beyond that, and each can be asked for and lifted by its key. Outlives none of the tables'
// entries.

import type { BanSettings, Settings } from "../config/settings.ts";
import { CLOSE_REASONS } from "../shm/close-reason.ts";
import { COUNTER } from "../shm/counters.ts";
import type { CounterTablePlan } from "../shm/plan.ts";
import { CONTROL_PLANE, type SharedState } from "../shm/shared-state.ts";
import { type CounterEntry, CounterTable } from "../stick/counter-table.ts";
import type { Logger } from "./logger.ts";
import { formatKey, parseKey } from "./table-keys.ts";
import { workerMs } from "./worker-clock.ts";

/** Bans of a table that are listed. */
const LISTED_MAX = 10_000;
/** Changes that are told one by one; of the others only how many there were. */
const TOLD_MAX = 100;
const KEPT_MAX = 256;
const LOOK_EVERY_MS = 1_000;
/** Between two walks so many times as long passes as the first one took. */
const REST_SHARE = 20;

export type BanBy = BanSettings["by"];

export interface Ban {
  /** The key of the listener in the file. */
  readonly listener: string;
  readonly by: BanBy;
  /** An address, the first one of a network, or a client id. */
  readonly key: string;
  /** So far, those before the ban included. */
  readonly failures: number;
  /** The latest of them: the name of a close reason. */
  readonly cause: string;
  /** By the wall clock. */
  readonly untilMs: number;
}

/** How many bans there are of one kind, those included that no list has room for. */
export interface BanCount {
  /** The key of the listener in the file. */
  readonly listener: string;
  readonly by: BanBy;
  readonly count: number;
}

export type BanState = "banned" | "ended" | "lifted" | "forgotten";

export interface BanChange {
  /** By the wall clock. */
  readonly atMs: number;
  readonly state: BanState;
  readonly ban: Ban;
}

/** What is looked at; the supervisor is one. */
export interface BanSource {
  readonly settings: Settings;
  readonly tables: { readonly counterTables: readonly CounterTablePlan[] };
  readonly shared: SharedState;
}

/** A table that a listener keeps bans in. */
interface KeptTable {
  readonly listener: string;
  readonly by: BanBy;
  readonly plan: CounterTablePlan;
}

/** The time by both clocks: that of workers (CLOCK_MONOTONIC), and the one on the wall. */
export interface BothClocks {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export class BanWatch {
  /** Bans that an operator has lifted. */
  liftedCount = 0;
  private readonly source: BanSource;
  private readonly logger: Logger;
  private readonly latest: BanChange[] = [];
  private known: ReadonlyMap<string, Ban> = new Map();
  /** By the name of their table. */
  private readonly unlisted = new Map<string, number>();
  private seenCount = 0;
  private seenTables: readonly CounterTablePlan[] | null = null;
  private nextEndMs = Number.POSITIVE_INFINITY;
  private nextLookMs = Number.NEGATIVE_INFINITY;

  constructor(source: BanSource, logger: Logger) {
    this.source = source;
    this.logger = logger;
  }

  /** The latest changes, newest first. */
  get changes(): readonly BanChange[] {
    return this.latest;
  }

  /**
   * Who was banned when that was looked at last, LISTED_MAX of each kind at most: `list` asks anew.
   */
  get bans(): readonly Ban[] {
    return [...this.known.values()];
  }

  /** Which listeners ban, by what, and how many there were when that was looked at last. */
  get counts(): readonly BanCount[] {
    const listed = this.bans;
    return this.keptTables().map(({ listener, by, plan }) => {
      const own = listed.filter((ban) => ban.listener === listener && ban.by === by);
      return { listener, by, count: own.length + (this.unlisted.get(plan.name) ?? 0) };
    });
  }

  /** Walks the tables where something may have changed since. */
  look(now: BothClocks = readClocks()): void {
    if (now.monotonicMs < this.nextLookMs) return;
    const { shared, tables } = this.source;
    const isCounted = shared.counters.sum(COUNTER.bans) === this.seenCount;
    const isSame = this.seenTables === tables.counterTables;
    if (isCounted && isSame && now.wallMs < this.nextEndMs) return;
    this.list(now);
  }

  /** Who is banned now; what `bans` says of it holds. */
  list(now: BothClocks = readClocks()): readonly Ban[] {
    const beganMs = performance.now();
    const { shared, tables } = this.source;
    this.seenCount = shared.counters.sum(COUNTER.bans);
    this.seenTables = tables.counterTables;
    const { found, isWhole } = this.walk(now);
    const changes = compare(this.known, found, isWhole, now.wallMs);
    this.known = found;
    // When those end that are not listed, nobody knows.
    this.nextEndMs = isWhole ? soonestEnd(this.bans) : Number.NEGATIVE_INFINITY;
    this.tell(changes);
    const restMs = (performance.now() - beganMs) * REST_SHARE;
    this.nextLookMs = now.monotonicMs + Math.max(LOOK_EVERY_MS, restMs);
    return this.bans;
  }

  /** Who is banned by a key now, at all listeners and by whatever it is a key of. */
  find(key: string, now: BothClocks = readClocks()): readonly Ban[] {
    return this.keptTables().flatMap((kept) => {
      const ban = this.read(kept, parseKey({ key: kept.plan.keyType }, key), now);
      return ban === null ? [] : [ban];
    });
  }

  /**
   * Ends a ban, and forgets the failures that led to it.
   * @returns whether the key was known; null: nobody is banned there by such a key
   */
  lift(listener: string, by: BanBy, key: string, now = readClocks()): boolean | null {
    const kept = this.keptTables().find((of) => of.listener === listener && of.by === by);
    if (kept === undefined) return null;
    this.list(now);
    const { plan } = kept;
    const bytes = parseKey({ key: plan.keyType }, key);
    const ban = this.read(kept, bytes, now);
    const table = new CounterTable(plan, CONTROL_PLANE);
    if (!table.forget(placeOf(bytes), now.monotonicMs)) return false;
    // It had failed, and not often enough.
    if (ban === null) return true;
    this.forget(plan, ban);
    this.liftedCount++;
    this.tell([{ atMs: now.wallMs, state: "lifted", ban }]);
    return true;
  }

  private walk(now: BothClocks) {
    const found = new Map<string, Ban>();
    this.unlisted.clear();
    for (const kept of this.keptTables()) {
      const { plan } = kept;
      const table = new CounterTable(plan, CONTROL_PLANE);
      const over = { field: "gpt0", value: now.monotonicMs / 1_000 } as const;
      const entries = table.list(now.monotonicMs, LISTED_MAX, over);
      for (const entry of entries) {
        const ban = banOf(kept, entry, now);
        found.set(idOf(plan, ban.key), ban);
      }
      if (entries.length < LISTED_MAX) continue;
      const count = table.countOver(now.monotonicMs, over);
      if (count > LISTED_MAX) this.unlisted.set(plan.name, count - LISTED_MAX);
    }
    return { found, isWhole: this.unlisted.size === 0 };
  }

  private read(kept: KeptTable, bytes: Uint8Array, now: BothClocks): Ban | null {
    const table = new CounterTable(kept.plan, CONTROL_PLANE);
    const entry = table.entryOf(placeOf(bytes), now.monotonicMs);
    const isBanned = (entry?.counts.gpt0 ?? 0) > now.monotonicMs / 1_000;
    return entry !== null && isBanned ? banOf(kept, entry, now) : null;
  }

  private forget(plan: CounterTablePlan, { key }: Ban): void {
    const id = idOf(plan, key);
    if (this.known.has(id)) this.known = new Map([...this.known].filter(([of]) => of !== id));
    else this.unlisted.set(plan.name, (this.unlisted.get(plan.name) ?? 1) - 1);
  }

  // Listeners of several addresses share theirs.
  private keptTables(): readonly KeptTable[] {
    const { settings, tables } = this.source;
    const bans = settings.listeners.flatMap((listener) => listener.bans);
    const kinds = new Map(bans.map(({ table, by }) => [table, by]));
    return tables.counterTables.flatMap((plan) => {
      const by = kinds.get(plan.name);
      return by === undefined ? [] : [{ listener: listenerOf(plan.name), by, plan }];
    });
  }

  private tell(changes: readonly BanChange[]): void {
    for (const { state, ban } of changes.slice(0, TOLD_MAX)) {
      const { untilMs, ...fields } = ban;
      const until = new Date(untilMs).toISOString();
      this.logger.info({ event: "ban", state, ...fields, until }, describe(state, ban));
    }
    const count = changes.length - TOLD_MAX;
    if (count > 0) this.logger.info({ event: "ban", count }, `${count} more bans have changed`);
    this.latest.unshift(...changes.slice(-KEPT_MAX).reverse());
    this.latest.splice(KEPT_MAX);
  }
}

// Of a walk that did not see all, nothing follows for those who are missing in it.
function compare(
  known: ReadonlyMap<string, Ban>,
  found: ReadonlyMap<string, Ban>,
  isWhole: boolean,
  atMs: number,
): BanChange[] {
  const over = [...known].flatMap(([id, ban]): BanChange[] => {
    if (found.has(id)) return [];
    if (ban.untilMs <= atMs) return [{ atMs, state: "ended", ban }];
    return isWhole ? [{ atMs, state: "forgotten", ban }] : [];
  });
  const begun = [...found].flatMap(([id, ban]): BanChange[] => {
    return known.has(id) ? [] : [{ atMs, state: "banned", ban }];
  });
  return [...over, ...begun];
}

function describe(state: BanState, { listener, by, key, cause }: Ban): string {
  const who = `${by} ${key} at listener "${listener}"`;
  if (state === "banned") return `Banned ${who}: ${cause}`;
  if (state === "lifted") return `The ban of ${who} is lifted`;
  return state === "ended" ? `The ban of ${who} is over` : `The ban of ${who} is forgotten`;
}

// The end of a ban is a second of the workers' clock.
function banOf({ listener, by, plan }: KeptTable, entry: CounterEntry, now: BothClocks): Ban {
  const { gpc0: failures = 0, gpc1 = 0, gpt0 = 0 } = entry.counts;
  const key = formatKey({ key: plan.keyType }, entry.key);
  const untilMs = Math.round(now.wallMs + gpt0 * 1_000 - now.monotonicMs);
  return { listener, by, key, failures, cause: CLOSE_REASONS[gpc1]!.name, untilMs };
}

function soonestEnd(bans: readonly Ban[]): number {
  return bans.reduce((soonest, { untilMs }) => Math.min(soonest, untilMs), Infinity);
}

function placeOf(bytes: Uint8Array) {
  return { bytes, offset: 0, length: bytes.length };
}

function idOf({ name }: CounterTablePlan, key: string): string {
  return `${name} ${key}`;
}

// `LISTENER/bans/perAddress`: names of listeners have no slash.
function listenerOf(table: string): string {
  return table.slice(0, table.indexOf("/"));
}

function readClocks(): BothClocks {
  return { monotonicMs: workerMs(), wallMs: Date.now() };
}
