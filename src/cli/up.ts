// `fairlead up`: embedded broker nodes on loopback and the balancer in front of them, without any
// configuration; for trying things.

import { writeQuickstartDocument } from "../config/quickstart-document.ts";
import type { Settings } from "../config/settings.ts";
import { CLUSTER_DEFAULTS } from "../quickstart/cluster.ts";
import { type Log, openLog } from "../supervisor/logger.ts";
import { EmbeddedCluster } from "./embedded-cluster.ts";
import { EXIT_PROBLEM, type ExitCode } from "./exit-code.ts";
import { findFreePorts } from "./free-ports.ts";
import { describeError, type Printer } from "./printer.ts";
import { settingsOf } from "./read-settings.ts";
import { Serving } from "./serve.ts";
import { describeUp } from "./up-table.ts";

export const UP_DEFAULTS = {
  host: "0.0.0.0",
  port: 1883,
  admin: "127.0.0.1:8888",
  nodes: CLUSTER_DEFAULTS.nodes,
  nodePort: CLUSTER_DEFAULTS.mqttPort,
  nodeWsPort: CLUSTER_DEFAULTS.wsPort,
} as const;

export interface UpOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly admin: string;
  readonly nodes: number;
  /** Of the first node; 0: free ones. */
  readonly nodePort: number;
  readonly nodeWsPort: number;
  readonly workers?: number;
}

export async function upCommand(options: UpOptions, printer: Printer): Promise<ExitCode> {
  const port = options.port || (await findFreePorts(1));
  const mqttPort = options.nodePort || (await findFreePorts(options.nodes));
  const settings = await upSettings({ ...options, port }, mqttPort, printer);
  if (settings === null) return EXIT_PROBLEM;
  const log = openLog(settings.log);
  try {
    const wsPort = options.nodeWsPort || (await findFreePorts(options.nodes));
    const { nodes } = options;
    const cluster = await EmbeddedCluster.start({ nodes, mqttPort, wsPort, logger: log.logger });
    return await serveCluster(settings, cluster, { log, printer });
  } catch (error) {
    printer.complain(describeError(error));
    return EXIT_PROBLEM;
  } finally {
    await log.close();
  }
}

/** The settings that `fairlead up` runs: a document of our own, through the one door for all. */
export function upSettings(
  options: UpOptions,
  mqttPort: number,
  printer: Printer,
): Promise<Settings | null> {
  const { host, port, admin, nodes, workers } = options;
  const text = writeQuickstartDocument({
    nodes: Array.from({ length: nodes }, (_, i) => ({ name: `node${i + 1}`, port: mqttPort + i })),
    listen: `${host.includes(":") ? `[${host}]` : host}:${port}`,
    adminListen: admin,
    ...(workers === undefined ? {} : { workers }),
  });
  return settingsOf({ file: "fairlead up", text }, printer);
}

async function serveCluster(
  settings: Settings,
  cluster: EmbeddedCluster,
  { log, printer }: { readonly log: Log; readonly printer: Printer },
): Promise<ExitCode> {
  try {
    const serving = await Serving.start({ settings, log, cluster });
    const adminUrl = serving.admin?.url ?? null;
    const lines = describeUp({
      listener: serving.supervisor.endpointOf(0)!,
      nodes: cluster.nodes,
      adminUrl,
    });
    for (const line of lines) printer.print(line);
    return await serving.untilStopped(() => cluster.expectEnd());
  } finally {
    await cluster.stop();
  }
}
