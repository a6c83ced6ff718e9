// `fairlead up`: embedded broker nodes on loopback and the balancer in front of them, without any
// configuration; for trying things. MQTT over TCP, TLS, WebSocket and both, with a certificate of
// its own small authority; on ports that are named, or drawn (drawn-ports.ts).

import { homedir } from "node:os";
import { resolve } from "node:path";
import { AdminBindError } from "../admin/admin-server.ts";
import {
  type DevelopmentCertificate,
  ensureDevelopmentCertificate,
  listMachineNames,
} from "../certificates/development-authority.ts";
import { writeQuickstartDocument } from "../config/quickstart-document.ts";
import type { Settings } from "../config/settings.ts";
import { NodeBindError } from "../quickstart/node-bind-error.ts";
import { BindError } from "../supervisor/listener-sockets.ts";
import { type Log, openLog } from "../supervisor/logger.ts";
import { startOnDrawnPorts } from "./drawn-ports.ts";
import { EmbeddedCluster } from "./embedded-cluster.ts";
import { EXIT_PROBLEM, type ExitCode } from "./exit-code.ts";
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
  try {
    const certificate = findCertificate(options.stateDir);
    const { certificateFile } = certificate;
    const running = await startOnDrawnPorts({
      wishes: portWishes(options),
      beside: [adminPortOf(options)],
      start: async (ports) => {
        const settings = await upSettings({ ...options, ...ports }, certificateFile, printer);
        return settings && startUp(settings, { ...ports, nodes: options.nodes });
      },
      onTaken: (port) => printer.complain(`Port ${port} was free and is taken: drawing others`),
    });
    if (running === null) return EXIT_PROBLEM;
    for (const line of describeRunning(running, certificate)) printer.print(line);
    return await serveUntilStopped(running);
  } catch (error) {
    printer.complain(describeError(error) + adviceOn(error));
    return EXIT_PROBLEM;
  }
}

// Most of them nobody has named.
function adviceOn(error: unknown): string {
  const isBind = [BindError, NodeBindError, AdminBindError].some((kind) => error instanceof kind);
  return isBind ? "; options say other addresses: fairlead up --help" : "";
}

function findCertificate(stateDir: string | undefined): DevelopmentCertificate {
  const folder = resolve(stateDir ?? defaultStateFolder(process.env, homedir()));
  try {
    return ensureDevelopmentCertificate(folder, listMachineNames(), Date.now());
  } catch (error) {
    throw new Error(`${describeError(error)}; --state-dir names another folder`, { cause: error });
  }
}

function adminPortOf({ admin }: UpOptions): number {
  return Number(admin.slice(admin.lastIndexOf(":") + 1));
}

function portWishes(options: UpOptions) {
  const { nodes } = options;
  return {
    port: { port: options.port, count: 1 },
    tlsPort: { port: options.tlsPort, count: 1 },
    wsPort: { port: options.wsPort, count: 1 },
    wssPort: { port: options.wssPort, count: 1 },
    nodePort: { port: options.nodePort, count: nodes },
    nodeWsPort: { port: options.nodeWsPort, count: nodes },
  };
}

/** The settings that `fairlead up` runs: a document of our own, through the one door for all. */
export function upSettings(
  options: UpOptions,
  certificateFile: string,
  printer: Printer,
): Promise<Settings | null> {
  const { host, port, tlsPort, wsPort, wssPort, admin, nodes, nodePort, workers } = options;
  const at = (each: number) => `${host.includes(":") ? `[${host}]` : host}:${each}`;
  const text = writeQuickstartDocument({
    nodes: Array.from({ length: nodes }, (_, i) => ({ name: `node${i + 1}`, port: nodePort + i })),
    listen: { mqtt: at(port), mqtts: at(tlsPort), ws: at(wsPort), wss: at(wssPort) },
    certificateFile,
    adminListen: admin,
    ...(workers === undefined ? {} : { workers }),
  });
  return settingsOf({ file: "fairlead up", text }, printer);
}

/** The nodes to start, on ports as they are tried. */
type NodeWish = Pick<UpOptions, "nodes" | "nodePort" | "nodeWsPort">;

interface Running {
  readonly log: Log;
  readonly cluster: EmbeddedCluster;
  readonly serving: Serving;
}

/** @throws when something cannot start; nothing is left running then */
async function startUp(
  settings: Settings,
  { nodes, nodePort: mqttPort, nodeWsPort: wsPort }: NodeWish,
): Promise<Running> {
  const log = openLog(settings.log);
  let cluster: EmbeddedCluster | null = null;
  try {
    cluster = await EmbeddedCluster.start({ nodes, mqttPort, wsPort, logger: log.logger });
    const serving = await Serving.start({ settings, log, cluster });
    return { log, cluster, serving };
  } catch (error) {
    await cluster?.stop();
    await log.close();
    throw error;
  }
}

function describeRunning(
  { cluster, serving }: Running,
  { authorityFile }: DevelopmentCertificate,
): string[] {
  const { supervisor, admin } = serving;
  return describeUp({
    // In the order of the document.
    listeners: supervisor.settings.listeners.map((_, i) => supervisor.endpointOf(i)!),
    authorityFile,
    nodes: cluster.nodes,
    adminUrl: admin?.url ?? null,
  });
}

async function serveUntilStopped({ log, cluster, serving }: Running): Promise<ExitCode> {
  try {
    return await serving.untilStopped(() => cluster.expectEnd());
  } finally {
    await cluster.stop();
    await log.close();
  }
}
