// Says that log lines cannot go where the settings want them, and that they can again: in the other
// outlets, or on standard error where there is none that works.
//
// Looks once a second at what outlets know anyway. Bounded: of each outlet a line a minute at most;
// what lasts for less than a second is not told.

import type { NamedOutletStatus } from "../logging/log-outlets.ts";

export const LOOK_EVERY_MS = 1_000;
const TOLD_EVERY_MS = 60_000;
const LONG_AGO = Number.NEGATIVE_INFINITY;

export interface OutletWatchOptions {
  readonly statuses: () => readonly NamedOutletStatus[];
  /** Into the log. */
  readonly tell: (news: OutletNews) => void;
  /** On standard error. */
  readonly complain: (line: string) => void;
}

export interface OutletNews {
  readonly outlet: string;
  /** Null: it takes lines again. */
  readonly problem: string | null;
  readonly sentence: string;
}

interface Watched {
  /** At the last look. */
  hadProblem: boolean;
  isTold: boolean;
  toldAtMs: number;
}

export class OutletWatch {
  readonly #options: OutletWatchOptions;
  /** By name; those that a reload has taken away are forgotten. */
  #watched: ReadonlyMap<string, Watched> = new Map();

  constructor(options: OutletWatchOptions) {
    this.#options = options;
  }

  look(nowMs: number): void {
    const { statuses, tell, complain } = this.#options;
    const all = statuses();
    const isMute = !all.some(({ problem, takesEvents }) => takesEvents && problem === null);
    const watched = new Map<string, Watched>();
    for (const { name, problem } of all) {
      const one = this.#watched.get(name) ?? {
        hadProblem: false,
        isTold: false,
        toldAtMs: LONG_AGO,
      };
      watched.set(name, one);
      const news = judge(name, one, problem, nowMs);
      one.hadProblem = problem !== null;
      if (news === null) continue;
      tell(news);
      if (isMute) complain(news.sentence);
    }
    this.#watched = watched;
  }
}

/** @returns what is to be told now, and remembers that it was */
function judge(
  outlet: string,
  watched: Watched,
  problem: string | null,
  nowMs: number,
): OutletNews | null {
  if (problem === null) {
    if (!watched.isTold) return null;
    watched.isTold = false;
    return { outlet, problem, sentence: `Log lines go to "${outlet}" again` };
  }
  const isEarly = !watched.hadProblem || nowMs - watched.toldAtMs < TOLD_EVERY_MS;
  if (watched.isTold || isEarly) return null;
  watched.isTold = true;
  watched.toldAtMs = nowMs;
  return { outlet, problem, sentence: `Cannot send log lines to "${outlet}": ${problem}` };
}
