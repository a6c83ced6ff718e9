// Finds what the operator's names stand for, and says so when there is no such thing.

import { makeEndpoint } from "../../bytes/endpoint.ts";
import { INLINE_ID_SIZE } from "../../shm/connection-columns.ts";
import type { ConnectionFilter } from "../../supervisor/live-connections.ts";
import type { Supervisor } from "../../supervisor/supervisor.ts";
import { ProblemError } from "../problem.ts";
import { type FoundTable, listTables } from "../tables.ts";

/** @returns a listener's number. @throws ProblemError 404 */
export function findListener({ roster }: Supervisor, name: string): number {
  const found = roster.listeners.find((each) => roster.settings.listeners[each]!.name === name);
  return orMissing(found, `listener "${name}"`);
}

/** @returns a pool's number. @throws ProblemError 404 */
export function findPool({ roster }: Supervisor, name: string): number {
  const found = roster.pools.find((each) => roster.settings.pools[each]!.name === name);
  return orMissing(found, `pool "${name}"`);
}

/** @returns a server's number. @throws ProblemError 404 */
export function findServer(supervisor: Supervisor, pool: string, name: string): number {
  const { settings } = supervisor.roster;
  const { servers } = settings.pools[findPool(supervisor, pool)]!;
  const found = servers.find((each) => settings.servers[each]!.name === name);
  return orMissing(found, `server "${name}" in pool "${pool}"`);
}

/** @throws ProblemError 404 */
export function findTable(supervisor: Supervisor, name: string): FoundTable {
  const found = listTables(supervisor).find((table) => table.name === name);
  return orMissing(found, `table "${name}"`);
}

export interface ConnectionQuery {
  readonly client?: string | undefined;
  readonly clientId?: string | undefined;
  readonly address?: string | undefined;
  readonly pool?: string | undefined;
  readonly server?: string | undefined;
  readonly listener?: string | undefined;
}

/** @throws ProblemError 404 for a name that nobody has, 400 for what cannot be compared */
export function toFilter(supervisor: Supervisor, query: ConnectionQuery): ConnectionFilter {
  const { client, clientId, address, listener } = query;
  const bytes = (text: string) => new TextEncoder().encode(text);
  const endpoint = address === undefined ? null : makeEndpoint(address, 0);
  const servers = serversOf(supervisor, query);
  return {
    ...(client === undefined ? {} : { clientIdPrefix: prefixOf(bytes(client)) }),
    ...(clientId === undefined ? {} : { clientId: bytes(clientId) }),
    ...(endpoint === null ? {} : { address: endpoint }),
    ...(listener === undefined ? {} : { listeners: listenersOf(supervisor, listener) }),
    ...(servers === null ? {} : { servers }),
  };
}

// Of longer ids only the beginning is where the control plane can see it.
function prefixOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= INLINE_ID_SIZE) return bytes;
  const most = `Client ids are compared by their first ${INLINE_ID_SIZE} bytes`;
  const instead = "give fewer in client, or the whole id in clientId";
  throw new ProblemError(400, `${most}, and these are ${bytes.length}: ${instead}`);
}

// A listener with several addresses is called name/1, name/2, ...
function listenersOf({ roster }: Supervisor, name: string): ReadonlySet<number> {
  const found = roster.listeners.filter((each) => {
    const own = roster.settings.listeners[each]!.name;
    return own === name || own.replace(/\/\d+$/, "") === name;
  });
  if (found.length === 0) throw new ProblemError(404, `There is no listener "${name}"`);
  return new Set(found);
}

function serversOf(supervisor: Supervisor, query: ConnectionQuery): ReadonlySet<number> | null {
  const { pool, server } = query;
  const { settings, servers } = supervisor.roster;
  if (server === undefined) {
    if (pool === undefined) return null;
    return new Set(settings.pools[findPool(supervisor, pool)]!.servers);
  }
  const [, poolName = pool, name = server] = /^([^/]+)\/([^/]+)$/.exec(server) ?? [];
  if (poolName !== undefined) return new Set([findServer(supervisor, poolName, name)]);
  const found = servers.filter((each) => settings.servers[each]!.name === name);
  if (found.length === 0) throw new ProblemError(404, `There is no server "${name}"`);
  return new Set(found);
}

export function orMissing<Found>(found: Found | undefined, what: string): Found {
  if (found === undefined) throw new ProblemError(404, `There is no ${what}`);
  return found;
}
