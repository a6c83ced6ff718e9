// Who did what at the admin address, and who was refused: a line of the log each.
//
// Actions are always told. Refusals are told REFUSALS_A_SECOND_MAX times a second; those beyond are
// counted and said with the next one, so that nobody fills the log from outside.

import type { Logger } from "../../supervisor/logger.ts";

const REFUSALS_A_SECOND_MAX = 10;
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
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly reason: string;
}

export class Audit {
  private readonly logger: Logger;
  private readonly onAction: (action: AdminAction) => void;
  private second = 0;
  private toldThisSecond = 0;
  private untold = 0;

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

  refused({ url, ...refusal }: Refusal): void {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.toldThisSecond = 0;
    }
    if (this.toldThisSecond >= REFUSALS_A_SECOND_MAX) {
      this.untold++;
      return;
    }
    this.toldThisSecond++;
    const untold = this.untold > 0 ? { untold: this.untold } : {};
    this.untold = 0;
    const fields = { event: "admin-refused", ...refusal, url: url.slice(0, URL_SHOWN_MAX) };
    this.logger.warn({ ...fields, ...untold }, `Admin request refused: ${refusal.reason}`);
  }
}
