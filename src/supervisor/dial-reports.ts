// What workers have seen of dials, per server, since the last look: counted as the pool observes.
//
// Reads shared memory. What follows for a server is the schedule's and server-health.ts's affair.

import type { ObserveSettings } from "../config/check-settings.ts";
import { ErrorStreak, FailWindow } from "../health/dial-observer.ts";
import type { CheckSchedule, FailedDials } from "../health/schedule.ts";
import { errno, errnoName } from "../linux/abi.ts";
import type { ServerStates } from "../shm/server-state.ts";

export interface DialReportsOptions {
  readonly states: ServerStates;
  readonly schedule: CheckSchedule;
  /** Connections relayed to a server, ever, over all workers. */
  readonly connectionsOf: (server: number) => number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Too many dials failed: the server is out until then. */
  readonly onOut: (server: number, untilMs: number, dials: FailedDials) => void;
}

interface Entry {
  readonly mode: ObserveSettings["mode"];
  readonly streak: ErrorStreak | null;
  readonly window: FailWindow | null;
  /** What has been looked at already. */
  failures: number;
  connections: number;
}

export class DialReports {
  private readonly options: DialReportsOptions;
  private readonly entries = new Map<number, Entry>();

  constructor(options: DialReportsOptions) {
    this.options = options;
  }

  /** Looks at a server from now on, as its pool observes it. */
  watch(server: number, observe: ObserveSettings): void {
    const { states, connectionsOf } = this.options;
    this.entries.set(server, {
      mode: observe.mode,
      streak: observe.mode === "connections" ? new ErrorStreak(observe) : null,
      window: observe.mode === "max-fails" ? new FailWindow(observe) : null,
      failures: states.failures(server),
      connections: connectionsOf(server),
    });
  }

  forget(server: number): void {
    this.entries.delete(server);
  }

  /** Looks at what workers have counted since the last time. */
  collect(): void {
    const { states } = this.options;
    for (const [server, entry] of this.entries) {
      const failed = (states.failures(server) - entry.failures) | 0;
      // Dials that succeed matter only to who counts those that do not.
      const mayForgive = entry.streak !== null || entry.window !== null;
      const succeeded = mayForgive ? this.takeConnections(server, entry) : 0;
      if (failed === 0 && succeeded === 0) continue;
      entry.failures = states.failures(server);
      this.report(server, entry, { failed, succeeded });
    }
  }

  private takeConnections(server: number, entry: Entry): number {
    const connections = this.options.connectionsOf(server);
    const count = connections - entry.connections;
    entry.connections = connections;
    return Math.max(0, count);
  }

  private report(
    server: number,
    entry: Entry,
    counts: { readonly failed: number; readonly succeeded: number },
  ): void {
    const { schedule, states, now, onOut } = this.options;
    const dials = describeFailedDials(counts.failed, states.failureErrno(server));
    if (entry.mode === "dials") {
      schedule.reportFailedDials(server, dials);
      return;
    }
    schedule.noteFailedDials(server, counts.failed);
    const { streak, window } = entry;
    if (streak?.onDials(counts)) schedule.reportErrors(server, dials, streak.onError);
    if (window?.onDials(counts, now())) onOut(server, window.outUntil, dials);
  }
}

const DIAL_SENTENCES: Readonly<Record<number, string>> = {
  // No connection failed: read-answer.ts stands in for one with it.
  [errno.EBUSY]: "CONNACK of a busy server",
  [errno.ECONNREFUSED]: "connection refused",
  [errno.ECONNRESET]: "connection reset",
  [errno.EHOSTUNREACH]: "no route to host",
  [errno.ENETUNREACH]: "network unreachable",
  [errno.ETIMEDOUT]: "connection timed out",
};

// HAProxy's codes of checks: layer 7 is what has been said in MQTT.
function codeOf(number: number): FailedDials["code"] {
  if (number === errno.EBUSY) return "L7STS";
  return number === errno.ETIMEDOUT ? "L4TOUT" : "L4CON";
}

function describeFailedDials(count: number, number: number): FailedDials {
  return {
    count,
    code: codeOf(number),
    sentence: DIAL_SENTENCES[number] ?? `connection failed (${errnoName(number)})`,
  };
}
