// When to try again: soon at first, then ever more seldom, until it has worked.
//
// Timers keep no process alive.

const PAUSE_MIN_MS = 100;
const PAUSE_MAX_MS = 30_000;

export class Backoff {
  #pauseMs = PAUSE_MIN_MS;
  #timer: NodeJS.Timeout | null = null;

  /** Calls `run` once after the next pause; asking again meanwhile changes nothing. */
  retry(run: () => void): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      run();
    }, this.#pauseMs);
    this.#timer.unref();
    this.#pauseMs = Math.min(PAUSE_MAX_MS, 2 * this.#pauseMs);
  }

  /** It has worked. */
  reset(): void {
    this.#pauseMs = PAUSE_MIN_MS;
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
