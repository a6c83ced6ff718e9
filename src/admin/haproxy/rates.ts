// What HAProxy's statistics need beside the counters: how many connections a second came to each
// listener, pool and server, and how many TLS handshakes to the process, counted once a second, now
// and at most; how much of the time workers had nothing to do; and what was cleared.

import { COUNTER, LISTENER_COUNTER, SERVER_COUNTER } from "../../shm/counters.ts";
import type { Supervisor } from "../../supervisor/supervisor.ts";
import { ClearedCounters } from "./cleared-counters.ts";

const COUNT_EVERY_MS = 1_000;

export interface Rate {
  /** In the last whole second. */
  readonly now: number;
  readonly max: number;
}

interface Counted extends Rate {
  readonly total: number;
}

export type Subject =
  | "process"
  | "tls"
  | `listener ${number}`
  | `pool ${number}`
  | `server ${number}`;

export class Rates {
  readonly cleared = new ClearedCounters();
  private readonly supervisor: Supervisor;
  private readonly timer: NodeJS.Timeout;
  private counted = new Map<Subject, Counted>();
  /** CPU time of all workers together, and when that was. */
  private used: { readonly seconds: number; readonly atMs: number } | null = null;
  private idle = 100;

  constructor(supervisor: Supervisor) {
    this.supervisor = supervisor;
    this.count();
    this.timer = setInterval(() => this.count(), COUNT_EVERY_MS);
    this.timer.unref();
  }

  of(subject: Subject): Rate {
    return this.counted.get(subject) ?? { now: 0, max: 0 };
  }

  /** Percent of the time, in the last whole second, on average over workers. */
  get idlePercent(): number {
    return this.idle;
  }

  /** The most there ever was is from now on what there is. */
  forgetMost(): void {
    for (const [subject, { total, now }] of this.counted) {
      this.counted.set(subject, { total, now, max: now });
    }
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Looks at the counters: what was added since the last time is the rate. */
  count(): void {
    const fresh = new Map<Subject, Counted>();
    for (const [subject, total] of this.totals()) {
      const before = this.counted.get(subject);
      const now = before === undefined ? 0 : Math.max(0, total - before.total);
      fresh.set(subject, { total, now, max: Math.max(now, before?.max ?? 0) });
    }
    this.counted = fresh;
    this.lookAtWorkers();
  }

  private lookAtWorkers(): void {
    const { seats } = this.supervisor;
    const atMs = performance.now();
    const seconds = seats.reduce((sum, seat) => sum + (seat.readCpuSeconds() ?? 0), 0);
    const { used } = this;
    this.used = { seconds, atMs };
    if (used === null) return;
    const share = (1_000 * (seconds - used.seconds)) / (atMs - used.atMs) / seats.length;
    // A worker that was replaced has used less than the one before it.
    this.idle = Math.round(100 * (1 - Math.min(1, Math.max(0, share))));
  }

  private *totals(): Iterable<[Subject, number]> {
    const { roster, shared } = this.supervisor;
    yield ["process", shared.counters.sum(COUNTER.accepts)];
    yield ["tls", shared.counters.sum(COUNTER.tlsHandshakes)];
    for (const listener of roster.listeners) {
      const accepts = shared.counters.sumListener(listener, LISTENER_COUNTER.accepts);
      yield [`listener ${listener}`, accepts];
    }
    for (const pool of roster.pools) {
      let sum = 0;
      for (const server of roster.settings.pools[pool]!.servers) {
        const total = shared.counters.sumServer(server, SERVER_COUNTER.connections);
        yield [`server ${server}`, total];
        sum += total;
      }
      yield [`pool ${pool}`, sum];
    }
  }
}
