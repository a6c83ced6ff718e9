// Tells the log of listeners whose clients wait in the backlog because more came than a rate
// allows: of each at most once a minute.
//
// Looks at the counters once a second. Bounded by the listeners; whether anybody waits is the
// affair of the workers (relay/listening.ts).

import type { Settings } from "../config/settings.ts";
import { type Counters, LISTENER_COUNTER } from "../shm/counters.ts";
import type { Logger } from "./logger.ts";
import { ToldCount } from "./told-count.ts";

const LOOK_EVERY_MS = 1_000;

export class RateWaits {
  private readonly counters: Counters;
  private readonly logger: Logger;
  /** By number and name of a listener: a number may pass to another one. */
  private told: ReadonlyMap<string, ToldCount> = new Map();
  private nextLookMs = Number.NEGATIVE_INFINITY;

  constructor(counters: Counters, logger: Logger) {
    this.counters = counters;
    this.logger = logger;
  }

  /**
   * @param numbers of the listeners that run
   * @param nowMs of a clock that never goes back
   */
  tell(
    { listeners }: Pick<Settings, "listeners">,
    numbers: readonly number[],
    nowMs: number,
  ): void {
    if (nowMs < this.nextLookMs) return;
    this.nextLookMs = nowMs + LOOK_EVERY_MS;
    const told = new Map<string, ToldCount>();
    for (const number of numbers) {
      const { name } = listeners[number]!;
      const key = `${number} ${name}`;
      const waits = this.told.get(key) ?? this.follow(number);
      told.set(key, waits);
      this.tellOf(name, waits.due(nowMs));
    }
    this.told = told;
  }

  private follow(number: number): ToldCount {
    return new ToldCount(() => this.counters.sumListener(number, LISTENER_COUNTER.rateWaits));
  }

  private tellOf(listener: string, count: number): void {
    if (count === 0) return;
    const why = "they come faster than its rate";
    this.logger.warn({ listener, count }, `Clients of listener "${listener}" have to wait: ${why}`);
  }
}
