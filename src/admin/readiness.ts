// Whether a balancer that runs can serve clients: for those who decide to send it any.

import { LISTENER_COUNTER } from "../shm/counters.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";

/**
 * What keeps clients from being served, a sentence each; none: it is ready.
 * @param pool the number of the pool that matters; without it those that listeners name do
 */
export function findHindrances(supervisor: Supervisor, pool?: number): string[] {
  const { seats, roster, shared } = supervisor;
  const { settings } = roster;
  const serving = seats.filter(({ state }) => state === "serving").length;
  const workers = serving === 0 ? ["No worker serves"] : [];
  const matters = pool === undefined ? namedByListeners(supervisor) : [pool];
  const pools = matters.flatMap((number) => {
    const { name, servers } = settings.pools[number]!;
    const isUsable = servers.some((server) => shared.servers.availableToSticky(server));
    return isUsable ? [] : [`Pool "${name}" has no server that takes clients`];
  });
  return [...workers, ...pools];
}

function namedByListeners({ roster }: Supervisor): number[] {
  const { listeners } = roster.settings;
  const named = new Set(roster.listeners.map((listener) => listeners[listener]!.pool));
  return roster.pools.filter((pool) => named.has(pool));
}

/** Connections that listeners turned away as they came, ever. */
export function countRefused({ roster, shared }: Supervisor): number {
  return roster.listeners.reduce(
    (sum, listener) => sum + shared.counters.sumListener(listener, LISTENER_COUNTER.refused),
    0,
  );
}
