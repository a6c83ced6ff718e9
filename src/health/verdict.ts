// Whether a server is up, from its checks and from dials that failed: rise and fall counting.
//
//      `fall` failures in a row           Until its first check a server is up on trust, and
//      ┌──────────────────────┐           that one check decides alone.
//     up                     down
//      └──────────────────────┘           A dial of a client that was refused or timed out
//      `rise` successes in a row          counts as one failed check, at once.
//
// Pure: no I/O, no clock.

export interface VerdictSettings {
  /** Checks in a row that must succeed before a server counts as up. */
  readonly rise: number;
  /** Checks in a row that must fail before a server counts as down. */
  readonly fall: number;
}

export class Verdict {
  /** Whether the server takes part in balancing. */
  up = true;
  /** Results in a row that speak against `up`; 0 when nothing does. */
  streak = 0;
  /** False until a check or a failed dial has said anything. */
  isProven = false;
  private readonly settings: VerdictSettings;

  /** @param proven the verdict of the settings before a reload, to go on from */
  constructor(settings: VerdictSettings, proven: { readonly up: boolean } | null = null) {
    this.settings = settings;
    if (proven === null) return;
    this.up = proven.up;
    this.isProven = true;
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

  /** As HAProxy writes it: `UP`, `UP 1/3` (one more failure is left of three), `DOWN 1/2`. */
  statusText(): string {
    const { rise, fall } = this.settings;
    if (this.streak === 0) return this.up ? "UP" : "DOWN";
    return this.up ? `UP ${fall - this.streak}/${fall}` : `DOWN ${this.streak}/${rise}`;
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
