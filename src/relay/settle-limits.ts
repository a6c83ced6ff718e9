// Before a choice: limits of servers that rise with the clients of their pool are made what they
// are at this moment.
//
// O(servers of the pool) a choice, where a limit rises; nothing where none does. Workers that
// choose at the same moment may each miss the other's client: the next choice puts that right, and
// who waits is looked at again and again. Nothing is allocated.

import { fullShareOf } from "../shm/server-limit.ts";
import type { RelayContext } from "./relay-context.ts";

export function settleLimits(context: RelayContext, connection: number): void {
  const { ramp } = context.poolOf(connection);
  if (ramp === null) return;
  const { fill, process, servers } = context;
  fill.clients = countClients(context, connection);
  fill.fullAt = ramp.fullAt ?? fullShareOf(process.max(0));
  for (const server of ramp.servers) servers.settleLimit(server, fill);
}

/** Those whom servers have, those who wait, and this one, whom no server has yet. */
function countClients(context: RelayContext, connection: number): number {
  const { connections, queues, servers, waiting } = context;
  let clients = queues.ofPool(connections.pool[connection]!);
  if (!waiting.has(connection)) clients += 1;
  for (const server of context.poolOf(connection).servers) {
    clients += servers.active(server) + queues.ofServer(server);
  }
  return clients;
}
