// Whether a server is up, from its checks and from dials that failed: rise and fall counting.
//
//      `fall` failures in a row           Until its first check a server is what `initial` says,
//      ┌──────────────────────┐           on trust, and that one check decides alone; but not
//     up                     down         when it is `fully` so.
//      └──────────────────────┘           A dial of a client that was refused or timed out can
//      `rise` successes in a row          count as one failed check, at once.
//
// Pure: no I/O, no clock.

import type { InitialState } from "../config/check-settings.ts";

export interface VerdictSettings {
  /** Checks in a row that must succeed before a server counts as up. */
  readonly rise: number;
  /** Checks in a row that must fail before a server counts as down. */
  readonly fall: number;
  readonly initial: InitialState;
}

export class Verdict {
  /** Whether the server takes part in balancing. */
  up = true;
  /** Results in a row that speak against `up`; 0 when nothing does. */
  streak = 0;
  /** False while the next check or failed dial decides alone. */
  isProven = false;
  private settings: VerdictSettings;

  /** @param proven the verdict of the settings before a reload, to go on from */
  constructor(settings: VerdictSettings, proven: { readonly up: boolean } | null = null) {
    this.settings = settings;
    this.begin();
    if (proven === null) return;
    this.up = proven.up;
    this.isProven = true;
  }

  /** Forgets what was known: the server is what `initial` says again. */
  begin(): void {
    const { initial } = this.settings;
    this.up = initial === "up" || initial === "fully-up";
    this.isProven = initial === "fully-up" || initial === "fully-down";
    this.streak = 0;
  }

  /** Counts by other numbers from now on. */
  change(settings: VerdictSettings): void {
    this.settings = settings;
    this.streak = Math.min(this.streak, this.limit() - 1);
  }

  /** True while the next check may change something: check faster then. */
  get isChanging(): boolean {
    return !this.isProven || this.streak > 0;
  }

  /** Counts a check. @returns whether `up` changed */
  onCheck(passed: boolean): boolean {
    const decidesAlone = !this.isProven;
    this.isProven = true;
    if (passed === this.up) {
      this.streak = 0;
      return false;
    }
    this.streak++;
    return this.turnAt(decidesAlone ? 1 : this.limit());
  }

  /**
   * Counts dials of clients that were refused or timed out. A server that is down already is not
   * kept down by them: late news of old dials must not undo what its checks have seen since.
   * @returns whether `up` changed
   */
  onFailedDials(count: number): boolean {
    if (!this.up || count === 0) return false;
    const decidesAlone = !this.isProven;
    this.isProven = true;
    this.streak += count;
    return this.turnAt(decidesAlone ? 1 : this.limit());
  }

  /** The next failed check takes the server down, unless a check passes first. */
  expectDeath(): void {
    if (this.up) this.streak = Math.max(this.streak, this.settings.fall - 1);
  }

  /** As HAProxy writes it: `UP`, `UP 1/3` (one more failure is left of three), `DOWN 1/2`. */
  statusText(): string {
    const { rise, fall } = this.settings;
    if (this.streak === 0) return this.up ? "UP" : "DOWN";
    return this.up ? `UP ${fall - this.streak}/${fall}` : `DOWN ${this.streak}/${rise}`;
  }

  /** As HAProxy counts its `check_health`: 0 to rise + fall - 1, up from `rise` on. */
  health(): number {
    const { rise, fall } = this.settings;
    return this.up ? rise + fall - 1 - this.streak : this.streak;
  }

  private limit(): number {
    return this.up ? this.settings.fall : this.settings.rise;
  }

  private turnAt(limit: number): boolean {
    if (this.streak < limit) return false;
    this.up = !this.up;
    this.streak = 0;
    return true;
  }
}
