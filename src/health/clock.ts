// Time as health checks see it; tests bring their own. Control plane only.

/** What `Clock.setTimer` gave, for `clearTimer`. */
export type Timer = object;

export interface Clock {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Calls `callback` once, `delayMs` from now. */
  setTimer(callback: () => void, delayMs: number): Timer;
  /** A timer that has fired already may be cleared too. */
  clearTimer(timer: Timer): void;
}

/** Node's timers. None of them keeps the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer: (callback, delayMs) => setTimeout(callback, delayMs).unref(),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
