// `fairlead ctl` on clients that are moved between servers: begins, stops, and says how far it has
// come.

import type { ServerOverview, StatusOverview } from "../admin/overview.ts";
import { askAdmin, tellAdmin } from "./admin-client.ts";
import { type Ctl, poolPath, say, serverPath } from "./ctl-target.ts";
import { EXIT_OK, EXIT_PROBLEM, type ExitCode } from "./exit-code.ts";
import { formatMoment } from "./moments.ts";
import { alignColumns } from "./text-table.ts";

const LOOK_EVERY_MS = 500;

type Moving = ServerOverview["moving"];

interface Evictions {
  readonly state: string;
  readonly moved: number;
  readonly active: number;
}

export interface EmptyOptions {
  /** Nobody else is sent away. */
  readonly stop: boolean;
  /** Until nobody is left. */
  readonly wait: boolean;
  /** Left out, as the next: as the pool has it. */
  readonly reason?: "use-another-server" | "server-moved";
  readonly wills?: "published" | "discarded";
}

/** Empties a server at the pace of its pool, or no longer. */
export async function ctlServerEmpty(
  ctl: Ctl,
  name: string,
  { stop, wait, reason, wills }: EmptyOptions,
): Promise<ExitCode> {
  const path = `${serverPath(name)}/evictions`;
  const begun = await tellAdmin<Evictions>(
    ctl.target,
    stop ? { method: "DELETE", path } : { method: "POST", path, body: { reason, wills } },
  );
  if (stop || !wait) {
    say(ctl, begun, formatEvictions(name, begun));
    return EXIT_OK;
  }
  const ended = await untilEnded(ctl, name, path, begun);
  if (ctl.isJson) say(ctl, ended, "");
  return ended.state === "done" ? EXIT_OK : EXIT_PROBLEM;
}

// A line each time that it has come further.
async function untilEnded(
  ctl: Ctl,
  name: string,
  path: string,
  begun: Evictions,
): Promise<Evictions> {
  let shown = "";
  for (let now = begun; ; now = await askAdmin<Evictions>(ctl.target, path)) {
    const line = formatEvictions(name, now);
    if (line !== shown && !ctl.isJson) ctl.printer.print(line);
    shown = line;
    if (now.state !== "running" && now.state !== "late") return now;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function formatEvictions(name: string, { state, moved, active }: Evictions): string {
  const words = state === "never" ? "nobody was ever sent away" : `${state}, ${moved} moved`;
  return `${name}: ${words}, ${active} left`;
}

/** Gives the servers of a pool their shares back, or stops that. */
export async function ctlRebalance(ctl: Ctl, pool: string, stop: boolean): Promise<ExitCode> {
  const path = `${poolPath(pool)}/rebalance`;
  if (stop) {
    const stopped = await tellAdmin<Rebalanced>(ctl.target, { method: "DELETE", path });
    const names = stopped.servers.map(({ server }) => `${pool}/${server}`);
    say(ctl, stopped, names.length === 0 ? "nobody was sent away" : `stopped: ${names.join(", ")}`);
    return EXIT_OK;
  }
  const answer = await tellAdmin<Rebalanced>(ctl.target, { method: "POST", path });
  say(ctl, answer, formatRebalanced(pool, answer));
  return EXIT_OK;
}

interface Rebalanced {
  readonly servers: readonly {
    readonly server: string;
    readonly active: number;
    readonly target: number;
  }[];
}

export function formatRebalanced(pool: string, { servers }: Rebalanced): string {
  if (servers.length === 0) return "all servers have about their share";
  const lines = servers.map(({ server, active, target }) => {
    const surplus = active - target;
    const going = surplus === 1 ? "1 client goes" : `${surplus} clients go`;
    return `${pool}/${server}: ${going}, ${target} stay`;
  });
  return lines.join("\n");
}

/** A column of `ctl servers`. */
export function formatMoving(moving: Moving): string {
  if (moving === null) return "-";
  const { kind, state, moved, target } = moving;
  const what = kind === "drain" ? "empty" : `to ${target}`;
  return `${what}: ${state}, ${moved} moved`;
}

/** What `ctl status` says of servers that are being rid of clients. */
export function formatMoves(moves: StatusOverview["moving"]): string[] {
  if (moves.length === 0) return [];
  const rows = moves.map(({ pool, server, kind, state, moved, active, target, deadlineAt }) => {
    const what = kind === "drain" ? "is emptied" : "has more than its share";
    return [`${pool}/${server}`, what, state, moved, active, target, formatMoment(deadlineAt)];
  });
  const headings = ["server", "moving", "state", "moved", "now", "target", "until"];
  return ["", ...alignColumns([headings, ...rows])];
}
