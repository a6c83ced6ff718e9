// Operations on listeners, pools and servers.

import type { Actor } from "../actions.ts";
import { describeListener, describeListeners, describePool, describePools } from "../overview.ts";
import type { ApiParts } from "./api-parts.ts";
import { findListener, findPool, findServer } from "./finders.ts";
import { type Operation, operation } from "./operation.ts";
import * as schemas from "./schemas.ts";

export function serverOperations({ supervisor, actions }: ApiParts): Operation[] {
  const describeServer = (pool: string, name: string) => {
    const { servers } = describePool(supervisor, findPool(supervisor, pool));
    // Found by findServer before.
    return servers.find((server) => server.name === name);
  };
  return [
    operation({
      method: "GET",
      path: "/api/v1/listeners",
      id: "listListeners",
      summary: "Listeners: where clients connect",
      role: "read-only",
      answer: schemas.listeners,
      run: () => ({ listeners: describeListeners(supervisor) }),
    }),
    operation({
      method: "GET",
      path: "/api/v1/listeners/{listener}",
      id: "readListener",
      summary: "One listener",
      role: "read-only",
      params: schemas.listenerParams,
      answer: schemas.listener,
      run: ({ params }) => describeListener(supervisor, findListener(supervisor, params.listener)),
    }),
    operation({
      method: "GET",
      path: "/api/v1/servers",
      id: "listServers",
      summary: "Pools and their servers: state, last check, connections, bytes",
      role: "read-only",
      answer: schemas.pools,
      run: () => ({ pools: describePools(supervisor) }),
    }),
    operation({
      method: "GET",
      path: "/api/v1/pools",
      id: "listPools",
      summary: "Pools with their servers",
      role: "read-only",
      answer: schemas.pools,
      run: () => ({ pools: describePools(supervisor) }),
    }),
    operation({
      method: "GET",
      path: "/api/v1/pools/{pool}",
      id: "readPool",
      summary: "One pool with its servers",
      role: "read-only",
      params: schemas.poolParams,
      answer: schemas.pool,
      run: ({ params }) => describePool(supervisor, findPool(supervisor, params.pool)),
    }),
    operation({
      method: "GET",
      path: "/api/v1/pools/{pool}/servers/{server}",
      id: "readServer",
      summary: "One server",
      role: "read-only",
      params: schemas.serverParams,
      answer: schemas.server,
      run: ({ params: { pool, server } }) => {
        findServer(supervisor, pool, server);
        return describeServer(pool, server);
      },
    }),
    operation({
      method: "PATCH",
      path: "/api/v1/pools/{pool}/servers/{server}",
      id: "changeServer",
      summary: "Drains a server, takes it out or back, changes its weight or its limit",
      role: "operator",
      params: schemas.serverParams,
      body: schemas.serverChange,
      answer: schemas.server,
      run: ({ params: { pool, server }, body, principal, from }) => {
        const actor: Actor = { by: principal.name, from };
        actions.changeServer(actor, findServer(supervisor, pool, server), body);
        return describeServer(pool, server);
      },
    }),
    operation({
      method: "DELETE",
      path: "/api/v1/pools/{pool}/servers/{server}/connections",
      id: "endServerConnections",
      summary: "Ends every connection to a server",
      role: "operator",
      params: schemas.serverParams,
      answer: schemas.ended,
      run: ({ params: { pool, server }, principal, from }) => {
        const actor: Actor = { by: principal.name, from };
        const number = findServer(supervisor, pool, server);
        return { ended: actions.endServerConnections(actor, number) };
      },
    }),
  ];
}
