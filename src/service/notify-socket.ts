// The socket on which the service manager that started us takes notices: assignments in a datagram,
// by the protocol of sd_notify(3).
//
// Never waits for it and never fails: what it does not take at once is kept, and sent when it does
// (logging/datagram-outlet.ts). Where it cannot be reached, one line of the log says so. Decides
// nothing about what is told.

import { openUnixSender } from "../linux/datagram.ts";
import { DatagramOutlet } from "../logging/datagram-outlet.ts";
import type { Outlet } from "../logging/outlet.ts";
import type { Logger } from "../supervisor/logger.ts";
import type { ServiceOrders } from "./service-orders.ts";

/** UTF-16 units of one assignment: systemd drops messages of more than 4,096 bytes. */
export const ASSIGNMENT_LENGTH_MAX = 1_000;
/** How long it may take to hear our last words. */
const FAREWELL_MS = 1_000;

export class NotifySocket {
  /** It ends us after so many milliseconds without a sign of life; null: it does not. */
  readonly watchdogMs: number | null;
  private readonly path: string;
  private readonly outlet: Outlet;
  private readonly logger: Logger;
  private isProblemTold = false;

  /** @returns null where there is none, or none that can be told anything */
  static open(orders: ServiceOrders, logger: Logger): NotifySocket | null {
    const { socketPath, watchdogMs, problems } = orders;
    for (const problem of problems)
      logger.warn(`Not all is told to the service manager: ${problem}`);
    return socketPath === null ? null : new NotifySocket(socketPath, watchdogMs, logger);
  }

  private constructor(path: string, watchdogMs: number | null, logger: Logger) {
    this.path = path;
    this.watchdogMs = watchdogMs;
    this.logger = logger;
    const open = () => Promise.resolve(openUnixSender(path));
    const outlet = new DatagramOutlet({ open, survivesRefusal: false });
    this.outlet = outlet;
    void outlet.opened.then(() => this.tellProblem());
  }

  /** Sends assignments such as `READY=1`, all in one datagram; each is cut to its limit. */
  tell(...assignments: readonly string[]): void {
    const lines = assignments.map((each) => `${flatten(each).slice(0, ASSIGNMENT_LENGTH_MAX)}\n`);
    this.outlet.send(new TextEncoder().encode(lines.join("")));
    this.tellProblem();
  }

  /** Sends what waits, for a second at most. Nothing may be told after that. */
  close(): Promise<void> {
    return this.outlet.close(FAREWELL_MS);
  }

  private tellProblem(): void {
    const { problem } = this.outlet.status;
    if (problem === null || this.isProblemTold) return;
    this.isProblemTold = true;
    this.logger.warn(`Cannot reach the service manager at "${this.path}": ${problem}`);
  }
}

// A newline would begin an assignment, and names of the operator's may be in a sentence.
function flatten(assignment: string): string {
  return assignment.replace(/\p{Cc}/gu, " ");
}
