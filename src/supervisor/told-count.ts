// A count that rises, and what of it is to be said: at most once a minute, and nothing twice.

const TOLD_EVERY_MS = 60_000;

export class ToldCount {
  private readonly read: () => number;
  private told: number;
  private toldAtMs = Number.NEGATIVE_INFINITY;

  /** What is counted already is not told. */
  constructor(read: () => number) {
    this.read = read;
    this.told = read();
  }

  /** @returns how many more there are than at the last time that is a minute ago; 0: say nothing */
  due(nowMs: number): number {
    const count = this.read() - this.told;
    if (count <= 0 || nowMs - this.toldAtMs < TOLD_EVERY_MS) return 0;
    this.told += count;
    this.toldAtMs = nowMs;
    return count;
  }
}
