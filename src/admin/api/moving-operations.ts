// Operations that move clients: a server is emptied at the pace of its pool, a pool gets its shares
// back, or no longer.
//
// What that is, supervisor/client-moves.ts says.

import type * as z from "zod";
import type { DrainSettings } from "../../config/moving-settings.ts";
import type { EvictionStatus } from "../../supervisor/evictions.ts";
import type { ApiParts } from "./api-parts.ts";
import { findPool, findServer } from "./finders.ts";
import { type Operation, operation } from "./operation.ts";
import * as schemas from "./schemas.ts";

const PATH = "/api/v1/pools/{pool}/servers/{server}/evictions";
const REBALANCE_PATH = "/api/v1/pools/{pool}/rebalance";

export function movingOperations(parts: ApiParts): Operation[] {
  return [
    emptyServer(parts),
    stopEmptying(parts),
    rebalance(parts),
    stopRebalancing(parts),
    readEvictions(parts),
  ];
}

function readEvictions({ supervisor }: ApiParts): Operation {
  return operation({
    method: "GET",
    path: PATH,
    id: "readEvictions",
    summary: "How far a server has come with being rid of clients",
    role: "read-only",
    params: schemas.serverParams,
    answer: schemas.evictions,
    run: ({ params }) => {
      const server = findServer(supervisor, params.pool, params.server);
      return describe(supervisor.moves.status(server));
    },
  });
}

function emptyServer({ supervisor, actions }: ApiParts): Operation {
  return operation({
    method: "POST",
    path: PATH,
    id: "emptyServer",
    summary: "Drains a server and sends its clients to others, at the pace of its pool",
    role: "operator",
    params: schemas.serverParams,
    body: schemas.evictionOrder,
    answer: schemas.evictions,
    run: ({ params, body, principal, from }) => {
      const server = findServer(supervisor, params.pool, params.server);
      const actor = { by: principal.name, from };
      return describe(actions.emptyServer(actor, server, orderOf(body)));
    },
  });
}

function stopEmptying({ supervisor, actions }: ApiParts): Operation {
  return operation({
    method: "DELETE",
    path: PATH,
    id: "stopEmptyingServer",
    summary: "Sends nobody else away; the server stays as it is, in drain",
    role: "operator",
    params: schemas.serverParams,
    answer: schemas.evictions,
    run: ({ params, principal, from }) => {
      const server = findServer(supervisor, params.pool, params.server);
      return describe(actions.stopEmptying({ by: principal.name, from }, server));
    },
  });
}

function rebalance(parts: ApiParts): Operation {
  return operation({
    method: "POST",
    path: REBALANCE_PATH,
    id: "rebalancePool",
    summary: "Sends what servers have above their share to the others, at the pace of the pool",
    role: "operator",
    params: schemas.poolParams,
    answer: schemas.rebalance,
    run: ({ params, principal, from }) => {
      const pool = findPool(parts.supervisor, params.pool);
      return describeEach(parts, parts.actions.rebalance({ by: principal.name, from }, pool));
    },
  });
}

function stopRebalancing(parts: ApiParts): Operation {
  return operation({
    method: "DELETE",
    path: REBALANCE_PATH,
    id: "stopRebalancingPool",
    summary: "Sends nobody else away for the shares of a pool",
    role: "operator",
    params: schemas.poolParams,
    answer: schemas.rebalance,
    run: ({ params, principal, from }) => {
      const pool = findPool(parts.supervisor, params.pool);
      return describeEach(parts, parts.actions.stopRebalancing({ by: principal.name, from }, pool));
    },
  });
}

function describeEach({ supervisor }: ApiParts, servers: readonly number[]) {
  return {
    servers: servers.map((server) => ({
      server: supervisor.settings.servers[server]!.name,
      ...describe(supervisor.moves.status(server)),
    })),
  };
}

// What is not as the settings of the pool have it.
function orderOf(order: z.output<typeof schemas.evictionOrder>): Partial<DrainSettings> {
  const { reason, wills, ratePerSecond, deadlineSeconds } = order;
  return {
    ...(wills === undefined ? {} : { discardsWills: wills === "discarded" }),
    ...(reason === undefined ? {} : { isForGood: reason === "server-moved" }),
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    ...(deadlineSeconds === undefined ? {} : { deadlineMs: deadlineSeconds * 1_000 }),
  };
}

// How far it has come; the log has the times.
function describe(status: EvictionStatus | null) {
  if (status === null) return { state: "never", moved: 0, active: 0, target: 0 };
  const { state, moved, active, target } = status;
  return { state, moved, active, target };
}
