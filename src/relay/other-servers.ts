// Where a client that is sent away may go instead, in the words of MQTT 5.0: the public names of
// other servers, separated by spaces (5.0, 4.11).
//
// Bounded by NAMES_MAX. Where nobody has a public name the client comes back through us.

import type { RelayContext } from "./relay-context.ts";

/** So that the packet stays small. */
const NAMES_MAX = 4;

/** @returns null when there is none to name */
export function otherServers(context: RelayContext, connection: number): string | null {
  const { connections, servers } = context;
  const { plan } = context.routesOf(connection);
  const own = connections.server[connection]!;
  const names: string[] = [];
  for (const server of context.poolOf(connection).servers) {
    const name = plan.servers[server]!.publicName ?? null;
    if (name === null || server === own || !servers.available(server)) continue;
    if (names.push(name) === NAMES_MAX) break;
  }
  return names.length === 0 ? null : names.join(" ");
}
