// Who is banned at this moment, as the API and the page say it. Only looks.

import type { Ban, BanChange } from "../supervisor/ban-watch.ts";

export function describeBan({ untilMs, ...ban }: Ban, nowMs: number) {
  const remainingSeconds = Math.max(0, Math.round((untilMs - nowMs) / 1_000));
  return { ...ban, until: new Date(untilMs).toISOString(), remainingSeconds };
}

/** As an event: when, what became of the ban, and whose it is. */
export function describeBanChange({ atMs, state, ban }: BanChange) {
  const { remainingSeconds: _, ...shown } = describeBan(ban, atMs);
  return { at: new Date(atMs).toISOString(), state, ...shown };
}
