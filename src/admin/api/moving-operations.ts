// Operations that move clients: a server is emptied at the pace of its pool, or no longer.
//
// What that is, supervisor/client-moves.ts says.

import type { EvictionStatus } from "../../supervisor/evictions.ts";
import type { ApiParts } from "./api-parts.ts";
import { findServer } from "./finders.ts";
import { type Operation, operation } from "./operation.ts";
import * as schemas from "./schemas.ts";

const PATH = "/api/v1/pools/{pool}/servers/{server}/evictions";

export function movingOperations(parts: ApiParts): Operation[] {
  return [emptyServer(parts), stopEmptying(parts)];
}

function emptyServer({ supervisor, actions }: ApiParts): Operation {
  return operation({
    method: "POST",
    path: PATH,
    id: "emptyServer",
    summary: "Drains a server and sends its clients to others, at the pace of its pool",
    role: "operator",
    params: schemas.serverParams,
    answer: schemas.evictions,
    run: ({ params, principal, from }) => {
      const server = findServer(supervisor, params.pool, params.server);
      return describe(actions.emptyServer({ by: principal.name, from }, server));
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

// How far it has come; the log has the times.
function describe(status: EvictionStatus | null) {
  if (status === null) return { state: "never", moved: 0, active: 0, target: 0 };
  const { state, moved, active, target } = status;
  return { state, moved, active, target };
}
