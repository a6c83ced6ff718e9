// The health of every server: checks, programs beside servers, dials of clients and the operator go
// in; what follows from them comes out in standings.ts and server-weights.ts.
//
// Judging and scheduling are health/'s.

import { isDeepStrictEqual } from "node:util";
import { assert } from "../assert.ts";
import type { PoolSettings, ServerSettings } from "../config/settings.ts";
import type { AgentAnswer } from "../health/agent-answer.ts";
import { AgentWatch } from "../health/agent-watch.ts";
import { type Clock, systemClock, type Timer } from "../health/clock.ts";
import { type AdminState, Condition } from "../health/condition.ts";
import type { ProbeTarget } from "../health/probe.ts";
import { makeProbe } from "../health/probes.ts";
import { CheckSchedule, type FailedDials, type HealthChange } from "../health/schedule.ts";
import type { CheckedServer, CheckStatus } from "../health/schedule-entry.ts";
import { UpTimes, type UpTimesStatus } from "../health/up-times.ts";
import type { ServerTransportPlan } from "../shm/plan.ts";
import type { ServerStates } from "../shm/server-state.ts";
import { DialReports } from "./dial-reports.ts";
import type { Logger } from "./logger.ts";
import { ServerWeights } from "./server-weights.ts";
import { type Cause, type StandingEntry, Standings, type StateChange } from "./standings.ts";
import { planServerTransports } from "./transport-plan.ts";

/** Probes under way at a time, over all servers. */
const CHECKS_AT_ONCE_MAX = 64;

/**
 * Who is looked after, by number: settings as they are, or with null where a number has no owner.
 * Numbers in `ServerSettings.tracks` and `PoolSettings.servers` are indexes here.
 */
export interface Roster {
  readonly servers: readonly (ServerSettings | null)[];
  readonly pools: readonly (PoolSettings | null)[];
}

/** What is known of one server; times are of the wall clock. */
export interface ServerHealthStatus extends CheckStatus, UpTimesStatus {
  /** Why it last went up or down; null: it never did. */
  readonly reason: string | null;
  /** What it takes, all words considered. */
  readonly admin: AdminState;
  /** Since when; null: since it is known. */
  readonly adminChangedAtMs: number | null;
  /** The operator's own word. */
  readonly operator: AdminState;
  /** What it counts for when it is wholly back, in weights of the file. */
  readonly weight: number;
  /** Percent of that which it has now. */
  readonly throttlePercent: number;
  /** What the program beside it last said, or why it did not; null: there is none. */
  readonly agentSentence: string | null;
}

export interface ServerHealthOptions {
  readonly settings: Roster;
  readonly states: ServerStates;
  /** Connections relayed to a server, ever, over all workers; failed dials are forgiven by them. */
  readonly connectionsOf?: (server: number) => number;
  readonly logger: Logger;
  readonly clock?: Clock;
}

interface Entry extends StandingEntry {
  server: ServerSettings;
  pool: PoolSettings;
  /** Where its probes go; null: it has none. */
  target: ProbeTarget | null;
  /** Until it is tried again after too many failed dials. */
  outTimer: Timer | null;
}

export class ServerHealth {
  private readonly clock: Clock;
  private readonly states: ServerStates;
  private readonly entries: (Entry | null)[] = [];
  private readonly schedule: CheckSchedule;
  private readonly weights: ServerWeights;
  private readonly agents: AgentWatch;
  private readonly dials: DialReports;
  private readonly standings: Standings<Entry>;
  /** Wall clock minus `clock`. */
  private readonly wallClockOffsetMs: number;
  /** Whose turn it is to publish for a check across another server. */
  private turn = 0;

  constructor(options: ServerHealthOptions) {
    const { settings, states, logger, clock = systemClock, connectionsOf = () => 0 } = options;
    const random = Math.random;
    this.clock = clock;
    this.states = states;
    this.wallClockOffsetMs = Date.now() - clock.now();
    this.weights = new ServerWeights(states, clock);
    this.agents = new AgentWatch({
      clock,
      random,
      onAnswer: (number, answer) => this.onAgent(number, answer),
    });
    this.schedule = new CheckSchedule({
      servers: [],
      clock,
      random,
      concurrencyMax: CHECKS_AT_ONCE_MAX,
      onChange: (change) => this.onCheck(change),
    });
    this.dials = new DialReports({
      states,
      schedule: this.schedule,
      connectionsOf,
      now: () => clock.now(),
      onOut: (number, untilMs, dials) => this.onOut(number, untilMs, dials),
    });
    this.standings = new Standings({
      entries: this.entries,
      states,
      logger,
      clock,
      onBack: (number) => this.weights.begin(number),
      onMaintenance: (number, isIn) => this.onMaintenance(number, isIn),
    });
    this.apply(settings);
  }

  start(): void {
    this.schedule.start();
  }

  async stop(): Promise<void> {
    this.weights.stop();
    for (const entry of this.entries) if (entry) this.clearOutTimer(entry);
    await Promise.all([this.schedule.stop(), this.agents.stop()]);
  }

  /**
   * Looks after these servers from now on. Who has the same number, pool and name as before is the
   * same server: what is known of it stays.
   */
  apply({ servers, pools }: Roster): void {
    const written = servers.filter((server) => server !== null);
    const transports = new Map(planServerTransports(written).map((plan, i) => [written[i], plan]));
    const numbers = Array.from(
      { length: Math.max(servers.length, this.entries.length) },
      (_, i) => i,
    );
    const old = numbers.filter((number) => {
      const server = servers[number] ?? null;
      const pool = server && pools[server.pool];
      if (server && pool) return this.define(number, server, pool, transports.get(server)!);
      this.forget(number);
      return false;
    });
    this.standings.linkTrackers();
    const known = new Set(old);
    for (const number of numbers) if (!known.has(number)) this.standings.settle(number);
    for (const number of old) this.standings.refresh(number, becauseOf("its settings say so"));
  }

  /** Passes on the dials that workers have seen end since the last call. */
  reportFailedDials(): void {
    this.dials.collect();
  }

  /** The operator's word at run time; counts until the one in the settings changes. */
  setAdmin(number: number, word: AdminState): void {
    const entry = this.entries[number];
    if (!entry) return;
    entry.condition.operator = word;
    this.standings.refresh(number, becauseOf(`the operator says ${word}`));
  }

  /** The operator's word at run time. @param weight in weights of the file; null: as it has it */
  setWeight(number: number, weight: number | null): void {
    this.weights.speak(number, weight);
  }

  /**
   * The operator says how a checked server is; checks go on, and may say otherwise.
   * @returns false for a server that is not checked
   */
  setHealth(number: number, up: boolean): boolean {
    const entry = this.entries[number];
    if (!entry?.target) return false;
    const checked = this.makeChecked(number, entry.server, entry.target);
    if (checked === null) return false;
    this.schedule.replace(number, { ...checked, proven: { up } });
    entry.condition.checkUp = up;
    this.standings.refresh(number, becauseOf(`the operator says ${up ? "up" : "down"}`));
    return true;
  }

  /** The operator stops or begins the checks of a server; what is known of it stays. */
  setChecking(number: number, isOn: boolean): void {
    if (isOn) this.schedule.resume(number);
    else this.schedule.pause(number);
  }

  status(number: number): ServerHealthStatus {
    const entry = this.entries[number];
    assert(entry !== null && entry !== undefined, "a status is asked of a server that is there");
    const { changedAtMs, ...times } = entry.times.status(this.clock.now());
    return {
      ...this.schedule.status(number),
      ...times,
      changedAtMs: this.toWallClock(changedAtMs),
      up: entry.standing.up,
      admin: entry.standing.admin,
      adminChangedAtMs: this.toWallClock(entry.adminChangedAtMs),
      operator: entry.condition.operator,
      reason: entry.reason,
      weight: this.weights.weight(number),
      throttlePercent: this.weights.throttle(number),
      agentSentence: this.agents.result(number)?.sentence ?? null,
    };
  }

  /** When a pool had no server left; times are of the wall clock. */
  poolStatus(pool: PoolSettings): UpTimesStatus {
    const { changedAtMs, ...rest } = this.standings.poolStatus(pool);
    return { ...rest, changedAtMs: this.toWallClock(changedAtMs) };
  }

  /** The latest changes, newest first. */
  get changes(): readonly StateChange[] {
    return this.standings.changes;
  }

  private toWallClock(ms: number | null): number | null {
    return ms === null ? null : ms + this.wallClockOffsetMs;
  }

  /** @returns whether the server was known */
  private define(
    number: number,
    server: ServerSettings,
    pool: PoolSettings,
    transport: ServerTransportPlan,
  ): boolean {
    const old = this.entries[number] ?? null;
    const isSame = old?.server.name === server.name && old.pool.name === pool.name;
    const target = makeTarget(server, transport);
    const checked = this.makeChecked(number, server, target);
    if (old && isSame) {
      if (checked) this.schedule.change(number, checked);
      else this.schedule.replace(number, null);
      if (old.server.state !== server.state) old.condition.operator = server.state;
      if (!isDeepStrictEqual(old.pool.observe, pool.observe)) {
        this.dials.watch(number, pool.observe);
      }
      Object.assign(old, { server, pool, target });
      old.condition.isResolved = isPlaced(server);
    } else {
      this.forget(number);
      this.schedule.replace(number, checked);
      this.dials.watch(number, pool.observe);
      this.entries[number] = this.makeEntry(number, server, pool, target);
    }
    const { slowStartMs } = server.stateChanges;
    const { weight } = server;
    this.weights.define(number, { weight, slowStartMs });
    this.agents.watch(number, server.agentCheck);
    return old !== null && isSame;
  }

  private makeEntry(
    number: number,
    server: ServerSettings,
    pool: PoolSettings,
    target: ProbeTarget,
  ): Entry {
    const condition = new Condition(server.state);
    condition.isResolved = isPlaced(server);
    condition.checkUp = this.schedule.status(number).up;
    const standing = condition.standing(null);
    const times = new UpTimes(standing.up, this.clock.now());
    const rest = { adminChangedAtMs: null, reason: null, outTimer: null };
    return { server, pool, condition, times, standing, target, ...rest };
  }

  private makeChecked(
    number: number,
    { check }: ServerSettings,
    target: ProbeTarget,
  ): CheckedServer | null {
    if (check === null) return null;
    const other = () => this.otherTarget(number);
    const probe = makeProbe({ settings: check, target, other, clock: this.clock });
    return { settings: check, probe, proven: null };
  }

  private forget(number: number): void {
    const entry = this.entries[number];
    if (!entry) return;
    this.clearOutTimer(entry);
    this.schedule.replace(number, null);
    this.dials.forget(number);
    this.weights.forget(number);
    this.agents.watch(number, null);
    this.entries[number] = null;
  }

  private onCheck({ server, up, isDraining, reason, code, checkDurationMs }: HealthChange): void {
    const entry = this.entries[server];
    if (!entry) return;
    entry.condition.checkUp = up;
    entry.condition.isDraining = isDraining;
    this.standings.refresh(server, { reason, code, checkDurationMs });
  }

  private onAgent(number: number, answer: AgentAnswer): void {
    const entry = this.entries[number];
    if (!entry) return;
    const { condition } = entry;
    condition.agentUp = answer.up ?? condition.agentUp;
    condition.agentAdmin = answer.admin ?? condition.agentAdmin;
    if (answer.weightPercent !== null) this.weights.setPercent(number, answer.weightPercent);
    if (answer.connectionsMax !== null) {
      this.states.setConnectionsMax(number, answer.connectionsMax);
    }
    const words = this.agents.result(number)?.sentence ?? "";
    this.standings.refresh(number, becauseOf(answer.reason || `its program says ${words}`));
  }

  private onMaintenance(number: number, isIn: boolean): void {
    if (isIn) {
      this.schedule.pause(number);
      return;
    }
    this.schedule.resume(number);
    const entry = this.entries[number];
    if (!entry) return;
    entry.condition.checkUp = this.schedule.status(number).up;
    entry.condition.isDraining = false;
    this.standings.refresh(number, becauseOf("out of maintenance"));
  }

  // Alone in its pool a server is always tried: nobody else could be.
  private onOut(number: number, untilMs: number, dials: FailedDials): void {
    const entry = this.entries[number];
    if (!entry || entry.pool.servers.length === 1) return;
    const reason = `${dials.sentence} for clients`;
    entry.condition.isOut = true;
    this.standings.refresh(number, { reason, code: dials.code, checkDurationMs: 0 });
    this.clearOutTimer(entry);
    entry.outTimer = this.clock.setTimer(() => {
      entry.outTimer = null;
      entry.condition.isOut = false;
      this.standings.refresh(number, becauseOf("tried again after failed connections"));
    }, untilMs - this.clock.now());
  }

  private clearOutTimer(entry: Entry): void {
    if (entry.outTimer !== null) this.clock.clearTimer(entry.outTimer);
    entry.outTimer = null;
  }

  /** Another server of the pool that is up, each in turn; null: there is none. */
  private otherTarget(number: number): ProbeTarget | null {
    const mates = this.entries[number]?.pool.servers ?? [];
    this.turn++;
    for (let i = 0; i < mates.length; i++) {
      const mate = mates[(this.turn + i) % mates.length]!;
      const entry = this.entries[mate];
      if (mate !== number && entry?.standing.up) return entry.target;
    }
    return null;
  }
}

/** Whether there is an address to dial. */
function isPlaced({ discovery }: ServerSettings): boolean {
  return discovery?.isPlaced ?? true;
}

function becauseOf(reason: string): Cause {
  return { reason, code: "", checkDurationMs: 0 };
}

function makeTarget(
  { name, address, checkEndpoint }: ServerSettings,
  transport: ServerTransportPlan,
): ProbeTarget {
  return { name, endpoint: checkEndpoint, host: hostOf(address), transport };
}

/** @param address as the operator wrote it: `[2001:db8::1]:1883` */
function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(":")).replaceAll(/[[\]]/g, "");
}
