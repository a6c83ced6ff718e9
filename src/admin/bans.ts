// Who is banned at this moment, as the API and the page say it. Only looks.

import type { Ban, BanChange } from "../supervisor/ban-watch.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";

export function describeBan({ untilMs, ...ban }: Ban, nowMs: number) {
  const remainingSeconds = Math.max(0, Math.round((untilMs - nowMs) / 1_000));
  return { ...ban, until: new Date(untilMs).toISOString(), remainingSeconds };
}

/** As many bans as the page lists. */
const LONGEST_MAX = 12;

/** How many there are, and those that end last, as they were when they were looked at last. */
export function describeBans({ bans }: Pick<Supervisor, "bans">, nowMs: number) {
  const all = bans.bans;
  const longest = all.toSorted((a, b) => b.untilMs - a.untilMs).slice(0, LONGEST_MAX);
  return {
    isOn: bans.kinds.length > 0,
    count: all.length,
    longest: longest.map((ban) => describeBan(ban, nowMs)),
  };
}

/** As an event: when, what became of the ban, and whose it is. */
export function describeBanChange({ atMs, state, ban }: BanChange) {
  const { remainingSeconds: _, ...shown } = describeBan(ban, atMs);
  return { at: new Date(atMs).toISOString(), state, ...shown };
}
