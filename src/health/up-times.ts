// When a server went up and down, how often, and for how long it was down. Pure; time is given.

export interface UpTimesStatus {
  /** How often it went down. */
  readonly downCount: number;
  /** When it last went up or down; null: never. */
  readonly changedAtMs: number | null;
  /** Time spent down, until now. */
  readonly downtimeMs: number;
}

export class UpTimes {
  private up: boolean;
  private downCount = 0;
  private changedAtMs: number | null = null;
  /** When it was first down without having gone down. */
  private readonly beganAtMs: number;
  /** Of the times down that are over. */
  private pastDowntimeMs = 0;

  constructor(up: boolean, nowMs: number) {
    this.up = up;
    this.beganAtMs = nowMs;
  }

  /** It went up or down now; the same again is no change. */
  note(up: boolean, nowMs: number): void {
    if (up === this.up) return;
    if (up) this.pastDowntimeMs += nowMs - (this.changedAtMs ?? this.beganAtMs);
    else this.downCount++;
    this.up = up;
    this.changedAtMs = nowMs;
  }

  status(nowMs: number): UpTimesStatus {
    const sinceDownMs = this.up ? 0 : nowMs - (this.changedAtMs ?? this.beganAtMs);
    const { downCount, changedAtMs } = this;
    return { downCount, changedAtMs, downtimeMs: this.pastDowntimeMs + sinceDownMs };
  }
}
