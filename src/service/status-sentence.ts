// What `systemctl status` shows of us: one sentence, of what is served, how many servers are up,
// and what is wrong.
//
// Bounded by LISTENERS_NAMED_MAX. Only reads.

import { formatEndpoint } from "../bytes/endpoint.ts";
import { ADMIN_MAINTENANCE } from "../shm/server-state.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";

/** Listeners that are named; of the others there is only how many they are. */
const LISTENERS_NAMED_MAX = 4;

export type Served = Pick<Supervisor, "roster" | "shared" | "endpointOf">;

export interface Troubles {
  /** Why the last reload was refused; null: it was not. */
  readonly refusal: string | null;
  /** Numbers of workers that do not answer. */
  readonly silentWorkers: readonly number[];
}

/** @returns such as `mqtt on 0.0.0.0:1883; 2 of 3 servers up` */
export function describeService(served: Served, { refusal, silentWorkers }: Troubles): string {
  const { roster, shared } = served;
  const up = roster.servers.filter((server) => {
    // One in maintenance is up for nobody.
    return shared.servers.isUp(server) && shared.servers.admin(server) !== ADMIN_MAINTENANCE;
  });
  const listeners = describeListeners(served);
  const more = listeners.splice(LISTENERS_NAMED_MAX).length;
  return [
    listeners.join(", ") + (more === 0 ? "" : ` and ${more} more`),
    `${up.length} of ${roster.servers.length} servers up`,
    ...silentWorkers.map((worker) => `worker ${worker} does not answer`),
    ...(refusal === null ? [] : [`the last reload was refused: ${refusal}`]),
  ].join("; ");
}

/** @returns such as `mqtt on 0.0.0.0:1883`, in the order of the file */
export function describeListeners(served: Pick<Served, "roster" | "endpointOf">): string[] {
  const { listeners, settings } = served.roster;
  return listeners.map((number) => {
    const { name } = settings.listeners[number]!;
    return `${name} on ${formatEndpoint(served.endpointOf(number)!, 0)}`;
  });
}
