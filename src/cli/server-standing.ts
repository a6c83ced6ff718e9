// What a server counts for, in the words of `fairlead ctl`: what its checks say, and what an
// operator has said. Pure.

import type { ServerOverview } from "../admin/overview.ts";

/** `UP`, `UP 1/3`, `drain`, `DOWN, drain`, `maintenance` */
export function formatStanding({
  admin,
  state,
  status,
}: Pick<ServerOverview, "admin" | "state" | "status">): string {
  if (admin === "ready") return status;
  if (admin === "maintenance") return admin;
  return state === "UP" ? admin : `${status}, ${admin}`;
}

/** With `, backup` behind it: why one that is up has nobody. */
export function formatStandingAndRole(
  server: Pick<ServerOverview, "admin" | "state" | "status" | "backup">,
): string {
  return `${formatStanding(server)}${server.backup ? ", backup" : ""}`;
}
