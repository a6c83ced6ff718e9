// `fairlead up`: embedded broker nodes on loopback and the balancer in front of them, without any
// configuration; for trying things. MQTT over TCP, TLS, WebSocket and both, with a certificate of
// its own small authority.

import { homedir } from "node:os";
import { resolve } from "node:path";
import {
  type DevelopmentCertificate,
  ensureDevelopmentCertificate,
  listMachineNames,
} from "../certificates/development-authority.ts";
import { writeQuickstartDocument } from "../config/quickstart-document.ts";
import type { Settings } from "../config/settings.ts";
import { type Log, openLog } from "../supervisor/logger.ts";
import { EmbeddedCluster } from "./embedded-cluster.ts";
import { EXIT_PROBLEM, type ExitCode } from "./exit-code.ts";
import { findFreePorts } from "./free-ports.ts";
import { describeError, type Printer } from "./printer.ts";
import { settingsOf } from "./read-settings.ts";
import { Serving } from "./serve.ts";
import { defaultStateFolder } from "./state-folder.ts";
import { describeUp } from "./up-table.ts";

export interface UpOptions {
  readonly host: string;
  /** For MQTT over TCP, over TLS, over WebSocket and over both; 0: a free one. */
  readonly port: number;
  readonly tlsPort: number;
  readonly wsPort: number;
  readonly wssPort: number;
  /** Where the certificate and its authority are kept; the user's state folder if left out. */
  readonly stateDir?: string;
  readonly admin: string;
  readonly nodes: number;
  /** Of the first node; 0: free ones. */
  readonly nodePort: number;
  readonly nodeWsPort: number;
  readonly workers?: number;
}

export async function upCommand(options: UpOptions, printer: Printer): Promise<ExitCode> {
  let log: Log | null = null;
  try {
    const certificate = findCertificate(options.stateDir);
    const mqttPort = options.nodePort || (await findFreePorts(options.nodes));
    const chosen = await chooseFreePorts(options);
    const settings = await upSettings(chosen, { mqttPort, ...certificate }, printer);
    if (settings === null) return EXIT_PROBLEM;
    log = openLog(settings.log);
    const wsPort = options.nodeWsPort || (await findFreePorts(options.nodes));
    const { nodes } = options;
    const cluster = await EmbeddedCluster.start({ nodes, mqttPort, wsPort, logger: log.logger });
    const { authorityFile } = certificate;
    return await serveCluster(settings, cluster, { log, printer, authorityFile });
  } catch (error) {
    printer.complain(describeError(error));
    return EXIT_PROBLEM;
  } finally {
    await log?.close();
  }
}

function findCertificate(stateDir: string | undefined): DevelopmentCertificate {
  const folder = resolve(stateDir ?? defaultStateFolder(process.env, homedir()));
  return ensureDevelopmentCertificate(folder, listMachineNames(), Date.now());
}

async function chooseFreePorts(options: UpOptions): Promise<UpOptions> {
  const port = options.port || (await findFreePorts(1));
  const tlsPort = options.tlsPort || (await findFreePorts(1));
  const wsPort = options.wsPort || (await findFreePorts(1));
  const wssPort = options.wssPort || (await findFreePorts(1));
  return { ...options, port, tlsPort, wsPort, wssPort };
}

/** What `fairlead up` has found out before there are settings. */
export interface UpSurroundings {
  /** Of the first node. */
  readonly mqttPort: number;
  readonly certificateFile: string;
}

/** The settings that `fairlead up` runs: a document of our own, through the one door for all. */
export function upSettings(
  options: UpOptions,
  { mqttPort, certificateFile }: UpSurroundings,
  printer: Printer,
): Promise<Settings | null> {
  const { host, port, tlsPort, wsPort, wssPort, admin, nodes, workers } = options;
  const at = (each: number) => `${host.includes(":") ? `[${host}]` : host}:${each}`;
  const text = writeQuickstartDocument({
    nodes: Array.from({ length: nodes }, (_, i) => ({ name: `node${i + 1}`, port: mqttPort + i })),
    listen: { mqtt: at(port), mqtts: at(tlsPort), ws: at(wsPort), wss: at(wssPort) },
    certificateFile,
    adminListen: admin,
    ...(workers === undefined ? {} : { workers }),
  });
  return settingsOf({ file: "fairlead up", text }, printer);
}

interface Serve {
  readonly log: Log;
  readonly printer: Printer;
  readonly authorityFile: string;
}

async function serveCluster(
  settings: Settings,
  cluster: EmbeddedCluster,
  { log, printer, authorityFile }: Serve,
): Promise<ExitCode> {
  try {
    const serving = await Serving.start({ settings, log, cluster });
    const adminUrl = serving.admin?.url ?? null;
    const lines = describeUp({
      // In the order of the document.
      listeners: settings.listeners.map((_, i) => serving.supervisor.endpointOf(i)!),
      authorityFile,
      nodes: cluster.nodes,
      adminUrl,
    });
    for (const line of lines) printer.print(line);
    return await serving.untilStopped(() => cluster.expectEnd());
  } finally {
    await cluster.stop();
  }
}
