// `fairlead ctl ...`: what a running Fairlead says of itself, as text for people and for grep.
//
// Asks the admin API and formats. Reloading changes something; all else only looks. What changes
// servers and connections is in ctl-actions.ts and ctl-moving.ts.

import type { ClusterNodeStats } from "../admin/cluster-view.ts";
import type { PoolOverview, StatusOverview } from "../admin/overview.ts";
import { formatBytes } from "../admin/page/format.ts";
import { formatStats } from "../quickstart/stats.ts";
import type { ReloadReport } from "../supervisor/reloader.ts";
import { askAdmin, tellAdmin } from "./admin-client.ts";
import { formatMoves, formatMoving } from "./ctl-moving.ts";
import type { Ctl } from "./ctl-target.ts";
import { EXIT_OK, EXIT_PROBLEM, type ExitCode } from "./exit-code.ts";
import { formatAge, formatMoment } from "./moments.ts";
import { formatStandingAndRole } from "./server-standing.ts";
import { alignColumns, atRight } from "./text-table.ts";

/** Asks, and prints the answer as JSON or as lines for people. */
export async function show<T>(
  { target, printer, isJson }: Ctl,
  path: string,
  format: (answer: T) => readonly string[],
): Promise<ExitCode> {
  const answer = await askAdmin<T>(target, path);
  const lines = isJson ? [JSON.stringify(answer, null, 2)] : format(answer);
  for (const line of lines) printer.print(line);
  return EXIT_OK;
}

export function ctlStatus(ctl: Ctl): Promise<ExitCode> {
  return show<StatusOverview>(ctl, "/api/v1/status", formatStatus);
}

export function ctlServers(ctl: Ctl): Promise<ExitCode> {
  return show<{ pools: readonly PoolOverview[] }>(ctl, "/api/v1/servers", ({ pools }) =>
    formatServers(pools),
  );
}

/** @returns EXIT_PROBLEM when the reload was refused; nothing has changed then */
export async function ctlReload(
  { target, printer, isJson }: Ctl,
  options: { readonly wait: boolean },
): Promise<ExitCode> {
  const path = `/api/v1/reload${options.wait ? "?wait=true" : ""}`;
  const isAnswer = (body: object) => "outcome" in body;
  const report = await tellAdmin<ReloadReport>(target, { method: "POST", path, isAnswer });
  if (isJson) {
    printer.print(JSON.stringify(report, null, 2));
    return report.outcome === "applied" ? EXIT_OK : EXIT_PROBLEM;
  }
  for (const diagnostic of report.diagnostics) printer.complain(diagnostic);
  if (report.outcome === "refused") {
    printer.complain(`Reload refused, nothing changed: ${report.reason}`);
    return EXIT_PROBLEM;
  }
  for (const line of formatReload(report, options.wait)) printer.print(line);
  return EXIT_OK;
}

/** What a reload has changed, one thing a line; then what waits for a restart. */
function formatReload(
  report: ReloadReport & { readonly outcome: "applied" },
  isRunning: boolean,
): string[] {
  const { generation, added, removed, changed, waiting } = report;
  const end = isRunning ? "runs on every worker" : "is on its way to the workers";
  return [
    ...added.map((what) => `+ ${what}`),
    ...removed.map((what) => `- ${what}`),
    ...changed.map((what) => `~ ${what}`),
    ...waiting.map((sentence) => `! ${sentence}`),
    `Plan ${generation} ${end}`,
  ];
}

export function ctlBrokerStats(ctl: Ctl): Promise<ExitCode> {
  return show<{ nodes: readonly ClusterNodeStats[] }>(ctl, "/api/v1/cluster/stats", ({ nodes }) => [
    formatNodes(nodes),
  ]);
}

/** A heading for each node, then what `emqx ctl broker stats` prints on it. */
function formatNodes(nodes: readonly ClusterNodeStats[]): string {
  return nodes.map(({ name, stats }) => `${name}\n${formatStats(stats).trimEnd()}`).join("\n\n");
}

function formatStatus(status: StatusOverview): string[] {
  const { version, pid, file, uptimeSeconds, connections, listeners, workers, moving } = status;
  const { active, limit, max, total } = connections;
  return [
    `Fairlead ${version}, process ${pid}, up ${formatAge(uptimeSeconds * 1_000)}, ${file}`,
    `${active} of ${limit} connections, ${max} at most, ${total} accepted`,
    "",
    ...alignColumns([
      [
        ...["listener", "address", "protocol", "pool"],
        ...["now", "max", "total", "refused", "bytes in", "bytes out"],
      ],
      ...listeners.map((of) => {
        const counts = [of.connections.active, of.connections.max, of.connections.total];
        const bytes = [atRight(formatBytes(of.bytesIn)), atRight(formatBytes(of.bytesOut))];
        return [of.name, of.address, of.protocol, of.pool, ...counts, of.refused, ...bytes];
      }),
    ]),
    "",
    ...alignColumns([
      ["worker", "state", "reactor", "connections", "replacements"],
      ...workers.map((of) => {
        return [String(of.worker), of.state, of.reactor ?? "-", of.connections, of.replacements];
      }),
    ]),
    ...formatMoves(moving),
  ];
}

function formatServers(pools: readonly PoolOverview[]): string[] {
  const rows = pools.flatMap((pool) =>
    pool.servers.map((server) => {
      const { name, address, weight, connections, since, reason, moving } = server;
      const { active, max, total } = connections;
      const standing = formatStandingAndRole(server);
      const facts = [pool.name, name, address, standing, weight, active, max, total];
      return [...facts, formatMoving(moving), formatMoment(since), reason ?? "-"];
    }),
  );
  const headings = ["pool", "server", "address", "state", "weight", "now", "max", "total"];
  return alignColumns([[...headings, "moving", "since", "reason"], ...rows]);
}
