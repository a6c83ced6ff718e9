// Operations on listeners, pools and servers.

import type { Supervisor } from "../../supervisor/supervisor.ts";
import { describeListener, describeListeners, describePool, describePools } from "../overview.ts";
import type { ApiParts } from "./api-parts.ts";
import { findListener, findPool, findServer } from "./finders.ts";
import { type Operation, operation } from "./operation.ts";
import * as schemas from "./schemas.ts";

export function serverOperations(parts: ApiParts): Operation[] {
  return [
    ...listenerOperations(parts),
    ...poolOperations(parts),
    readServer(parts),
    changeServer(parts),
    endServerConnections(parts),
  ];
}

function listenerOperations({ supervisor }: ApiParts): Operation[] {
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
  ];
}

function poolOperations({ supervisor }: ApiParts): Operation[] {
  return [
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
  ];
}

function readServer({ supervisor }: ApiParts): Operation {
  return operation({
    method: "GET",
    path: "/api/v1/pools/{pool}/servers/{server}",
    id: "readServer",
    summary: "One server",
    role: "read-only",
    params: schemas.serverParams,
    answer: schemas.server,
    run: ({ params }) => describe(supervisor, params),
  });
}

function changeServer({ supervisor, actions }: ApiParts): Operation {
  return operation({
    method: "PATCH",
    path: "/api/v1/pools/{pool}/servers/{server}",
    id: "changeServer",
    summary: "Drains a server, takes it out or back, changes its weight or its limit",
    role: "operator",
    params: schemas.serverParams,
    body: schemas.serverChange,
    answer: schemas.server,
    run: ({ params, body, principal, from }) => {
      const server = findServer(supervisor, params.pool, params.server);
      actions.changeServer({ by: principal.name, from }, server, body);
      return describe(supervisor, params);
    },
  });
}

function endServerConnections({ supervisor, actions }: ApiParts): Operation {
  return operation({
    method: "DELETE",
    path: "/api/v1/pools/{pool}/servers/{server}/connections",
    id: "endServerConnections",
    summary: "Ends every connection to a server",
    role: "operator",
    params: schemas.serverParams,
    answer: schemas.ended,
    run: ({ params, principal, from }) => {
      const server = findServer(supervisor, params.pool, params.server);
      return { ended: actions.endServerConnections({ by: principal.name, from }, server) };
    },
  });
}

/** @throws ProblemError 404 */
function describe(supervisor: Supervisor, { pool, server }: { pool: string; server: string }) {
  findServer(supervisor, pool, server);
  const { servers } = describePool(supervisor, findPool(supervisor, pool));
  return servers.find(({ name }) => name === server);
}
