// Operations on bans: who is turned away for repeated failures, and how that is ended early.

import { countBans, describeBan } from "../bans.ts";
import type { ApiParts } from "./api-parts.ts";
import { orMissing } from "./finders.ts";
import { type Operation, operation } from "./operation.ts";
import * as schemas from "./schemas.ts";

export function banOperations({ supervisor, actions }: ApiParts): Operation[] {
  return [
    operation({
      method: "GET",
      path: "/api/v1/bans",
      id: "listBans",
      summary: "Addresses, networks and client ids that are banned now",
      role: "read-only",
      query: schemas.banQuery,
      answer: schemas.bans,
      run: ({ query: { key } }) => {
        const bans = key === undefined ? supervisor.bans.list() : supervisor.bans.find(key);
        const total = key === undefined ? countBans(supervisor) : bans.length;
        return { total, bans: bans.map((ban) => describeBan(ban, Date.now())) };
      },
    }),
    operation({
      method: "DELETE",
      path: "/api/v1/bans/{listener}/{by}/{key}",
      id: "liftBan",
      summary: "Lifts a ban, and forgets the failures that led to it",
      role: "operator",
      params: schemas.banParams,
      answer: schemas.removed,
      run: ({ params: { listener, by, key }, principal, from }) => {
        const removed = actions.liftBan({ by: principal.name, from }, { listener, by, key });
        return {
          removed: orMissing(removed ?? undefined, `ban by ${by} at listener "${listener}"`),
        };
      },
    }),
  ];
}
