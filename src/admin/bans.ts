// Who is banned at this moment, as the API and the page say it. Only looks.

import type { Ban, BanChange } from "../supervisor/ban-watch.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";

export function describeBan({ untilMs, ...ban }: Ban, nowMs: number) {
  const remainingSeconds = Math.max(0, Math.round((untilMs - nowMs) / 1_000));
  return { ...ban, until: new Date(untilMs).toISOString(), remainingSeconds };
}

/** Those included that no list has room for, as of the latest look. */
export function countBans({ bans }: Pick<Supervisor, "bans">): number {
  return bans.counts.reduce((sum, { count }) => sum + count, 0);
}

/** As many bans as the page lists. */
const LONGEST_MAX = 12;

/** How many there are, and those that end last, as they were when they were looked at last. */
export function describeBans({ bans }: Pick<Supervisor, "bans">, nowMs: number) {
  const longest = bans.bans.toSorted((a, b) => b.untilMs - a.untilMs).slice(0, LONGEST_MAX);
  return {
    isOn: bans.counts.length > 0,
    count: countBans({ bans }),
    longest: longest.map((ban) => describeBan(ban, nowMs)),
  };
}

/** As an event: when, what became of the ban, and whose it is. */
export function describeBanChange({ atMs, state, ban }: BanChange) {
  const { remainingSeconds: _, ...shown } = describeBan(ban, atMs);
  return { at: new Date(atMs).toISOString(), state, ...shown };
}
