// Events a second, by number: a window that slides over this second and the one before it.
//
// As HAProxy counts rates: all of the current second, and of the one before it the share that is
// less than a second old. Bounded by the numbers that were noted. Reads no clock.

const WINDOW_MS = 1_000;

interface Windows {
  startMs: number;
  current: number;
  previous: number;
}

export class RateMeter {
  readonly #windows: Windows[] = [];

  note(number: number, nowMs: number): void {
    this.#at(number, nowMs).current += 1;
  }

  /** @returns events in the last second */
  rate(number: number, nowMs: number): number {
    const { startMs, current, previous } = this.#at(number, nowMs);
    const share = 1 - (nowMs - startMs) / WINDOW_MS;
    return Math.round(current + previous * share);
  }

  #at(number: number, nowMs: number): Windows {
    this.#windows[number] ??= { startMs: nowMs, current: 0, previous: 0 };
    const windows = this.#windows[number];
    const passed = Math.floor((nowMs - windows.startMs) / WINDOW_MS);
    if (passed > 0) {
      windows.previous = passed === 1 ? windows.current : 0;
      windows.current = 0;
      windows.startMs += passed * WINDOW_MS;
    }
    return windows;
  }
}
