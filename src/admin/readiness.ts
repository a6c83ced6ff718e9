// Whether a balancer that runs can serve clients: for those who decide to send it any.

import { LISTENER_COUNTER } from "../shm/counters.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";

/** What keeps clients from being served, a sentence each; none: it is ready. */
export function findHindrances(supervisor: Supervisor): string[] {
  const { seats, roster, shared } = supervisor;
  const { settings } = roster;
  const serving = seats.filter(({ state }) => state === "serving").length;
  const workers = serving === 0 ? ["No worker serves"] : [];
  const pools = roster.pools.flatMap((number) => {
    const { name, servers } = settings.pools[number]!;
    const isUsed = roster.listeners.some((each) => settings.listeners[each]!.pool === number);
    const isUsable = servers.some((server) => shared.servers.availableToSticky(server));
    return isUsed && !isUsable ? [`Pool "${name}" has no server that takes clients`] : [];
  });
  return [...workers, ...pools];
}

/** Connections that listeners turned away as they came, ever. */
export function countRefused({ roster, shared }: Supervisor): number {
  return roster.listeners.reduce(
    (sum, listener) => sum + shared.counters.sumListener(listener, LISTENER_COUNTER.refused),
    0,
  );
}
