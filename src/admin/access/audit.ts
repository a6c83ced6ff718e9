// Who did what at the admin address, and who was refused: a line of the log each.
//
// Actions are always told. Refusals are counted, and told REFUSALS_A_SECOND_MAX times a second: how
// many were beyond that is said a moment later, so that nobody fills the log from outside.

import type { Logger } from "../../supervisor/logger.ts";

const REFUSALS_A_SECOND_MAX = 10;
const UNTOLD_AFTER_MS = 1_000;
const URL_SHOWN_MAX = 200;

export interface AdminAction {
  /** Who: the name of a user, `anonymous`, or `haproxy-socket`. */
  readonly by: string;
  /** Where they came from. */
  readonly from: string;
  /** What: `server-state`, `reload`. */
  readonly action: string;
  /** To whom: `brokers/b1`. */
  readonly target: string;
  /** How: `drain`. */
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Refusal {
  readonly from: string;
  /** Both are missing where there was no whole request. */
  readonly method?: string;
  readonly url?: string;
  readonly status: number;
  readonly reason: string;
}

export class Audit {
  private readonly logger: Logger;
  private readonly onAction: (action: AdminAction) => void;
  private second = 0;
  private toldThisSecond = 0;
  private untold = 0;
  private timer: NodeJS.Timeout | null = null;
  private readonly counts = new Map<number, number>();

  /** @param onAction told of each action, too */
  constructor(logger: Logger, onAction: (action: AdminAction) => void) {
    this.logger = logger;
    this.onAction = onAction;
  }

  acted(action: AdminAction): void {
    const { by, action: what, target } = action;
    this.logger.info({ event: "admin-action", ...action }, `"${by}": ${what} ${target}`.trimEnd());
    this.onAction(action);
  }

  /** Refusals so far, by the status of the answer. */
  get refusals(): ReadonlyMap<number, number> {
    return this.counts;
  }

  refused({ url = "", ...refusal }: Refusal): void {
    this.counts.set(refusal.status, (this.counts.get(refusal.status) ?? 0) + 1);
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.toldThisSecond = 0;
    }
    if (this.toldThisSecond >= REFUSALS_A_SECOND_MAX) {
      this.untold++;
      this.timer ??= setTimeout(() => this.tellUntold(), UNTOLD_AFTER_MS).unref();
      return;
    }
    this.toldThisSecond++;
    const fields = { event: "admin-refused", ...refusal, url: url.slice(0, URL_SHOWN_MAX) };
    this.logger.warn(fields, `Admin request refused: ${refusal.reason}`);
  }

  /** Says what is not said yet. */
  stop(): void {
    this.tellUntold();
  }

  private tellUntold(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const { untold } = this;
    this.untold = 0;
    if (untold === 0) return;
    const fields = { event: "admin-refused", untold };
    this.logger.warn(fields, `${untold} more admin requests were refused`);
  }
}
