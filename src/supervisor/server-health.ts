// The health of every server: checks and failed dials go in; the word that workers read, one log
// line per change and what the pages show come out.
//
// Judging and scheduling are health/'s. The word is written before anything is logged, so that a
// server is out of the rotation first.

import type { Settings } from "../config/settings.ts";
import { type Clock, systemClock } from "../health/clock.ts";
import { makeProbe } from "../health/probes.ts";
import {
  type CheckedServer,
  CheckSchedule,
  type FailedDials,
  type HealthChange,
  type HealthStatus,
} from "../health/schedule.ts";
import { errno, errnoName } from "../linux/abi.ts";
import { PLAIN_TRANSPORT } from "../shm/plan.ts";
import type { ServerStates } from "../shm/server-state.ts";
import type { Logger } from "./logger.ts";

/** Probes under way at a time, over all servers. */
const CHECKS_AT_ONCE_MAX = 64;
/** Changes the page shows; older ones are in the log. */
const CHANGES_KEPT_MAX = 50;

/** A server went up or down, as the page lists it. */
export interface StateChange {
  /** Wall clock. */
  readonly atMs: number;
  readonly server: number;
  readonly up: boolean;
  readonly reason: string;
}

/** What is known of one server; times are of the wall clock. */
export interface ServerHealthStatus extends HealthStatus {
  /** Why it last went up or down; null: it never did. */
  readonly reason: string | null;
}

export interface ServerHealthOptions {
  readonly settings: Settings;
  readonly states: ServerStates;
  readonly logger: Logger;
  readonly clock?: Clock;
}

export class ServerHealth {
  private readonly settings: Settings;
  private readonly states: ServerStates;
  private readonly logger: Logger;
  private readonly schedule: CheckSchedule;
  /** Wall clock minus the schedule's clock. */
  private readonly wallClockOffsetMs: number;
  /** Failed dials that the schedule has been told of, per server. */
  private readonly reportedFailures: Int32Array;
  private readonly reasons: (string | null)[];
  private readonly latest: StateChange[] = [];

  constructor({ settings, states, logger, clock = systemClock }: ServerHealthOptions) {
    this.settings = settings;
    this.states = states;
    this.logger = logger;
    this.wallClockOffsetMs = Date.now() - clock.now();
    this.reportedFailures = Int32Array.from(settings.servers, (_, i) => states.failures(i));
    this.reasons = settings.servers.map(() => null);
    this.schedule = new CheckSchedule({
      servers: settings.servers.map((server) => checkedServer(server)),
      clock,
      random: Math.random,
      concurrencyMax: CHECKS_AT_ONCE_MAX,
      onChange: (change) => this.onChange(change),
    });
  }

  start(): void {
    this.schedule.start();
  }

  stop(): Promise<void> {
    return this.schedule.stop();
  }

  /** Passes on the dials that workers have seen fail since the last call. */
  reportFailedDials(): void {
    for (let server = 0; server < this.reportedFailures.length; server++) {
      const failures = this.states.failures(server);
      const count = (failures - this.reportedFailures[server]!) | 0;
      if (count === 0) continue;
      this.reportedFailures[server] = failures;
      this.schedule.reportFailedDials(
        server,
        describeFailedDials(count, this.states.failureErrno(server)),
      );
    }
  }

  status(server: number): ServerHealthStatus {
    const status = this.schedule.status(server);
    const { changedAtMs } = status;
    return {
      ...status,
      changedAtMs: changedAtMs === null ? null : changedAtMs + this.wallClockOffsetMs,
      reason: this.reasons[server] ?? null,
    };
  }

  /** The latest changes, newest first. */
  get changes(): readonly StateChange[] {
    return this.latest;
  }

  private onChange({ server, up, reason, code, checkDurationMs }: HealthChange): void {
    this.states.setUp(server, up);
    this.reasons[server] = reason;
    this.latest.unshift({ atMs: Date.now(), server, up, reason });
    if (this.latest.length > CHANGES_KEPT_MAX) this.latest.pop();
    const { name, address, pool } = this.settings.servers[server]!;
    const poolName = this.settings.pools[pool]!.name;
    const fields = { pool: poolName, server: name, address, code, checkDurationMs, reason };
    const sentence = `Server "${poolName}/${name}" is ${up ? "UP" : "DOWN"}: ${reason}`;
    if (up) this.logger.info(fields, sentence);
    else this.logger.warn(fields, sentence);
    if (!up) this.warnOfEmptyPool(pool);
  }

  private warnOfEmptyPool(pool: number): void {
    const { name, servers } = this.settings.pools[pool]!;
    if (servers.some((server) => this.states.isUp(server))) return;
    this.logger.error({ pool: name }, `Pool "${name}" has no server left that is up`);
  }
}

function checkedServer({
  check,
  name,
  address,
  checkEndpoint,
}: Settings["servers"][number]): CheckedServer | null {
  if (check === null) return null;
  const transport = PLAIN_TRANSPORT;
  const target = { name, endpoint: checkEndpoint, host: hostOf(address), transport };
  return { settings: check, probe: makeProbe({ settings: check, target }), proven: null };
}

/** @param address as the operator wrote it: `[2001:db8::1]:1883` */
function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(":")).replaceAll(/[[\]]/g, "");
}

const DIAL_SENTENCES: Readonly<Record<number, string>> = {
  [errno.ECONNREFUSED]: "connection refused",
  [errno.ECONNRESET]: "connection reset",
  [errno.EHOSTUNREACH]: "no route to host",
  [errno.ENETUNREACH]: "network unreachable",
  [errno.ETIMEDOUT]: "connection timed out",
};

function describeFailedDials(count: number, number: number): FailedDials {
  return {
    count,
    code: number === errno.ETIMEDOUT ? "L4TOUT" : "L4CON",
    sentence: DIAL_SENTENCES[number] ?? `connection failed (${errnoName(number)})`,
  };
}
