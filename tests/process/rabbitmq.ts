// A real RabbitMQ with its MQTT and management plugins on loopback, and its log. Slow to start
// (some ten seconds): tests share one.
//
// Its port mapper (epmd) is started beside it, so that it does not outlive the test run.

import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepLines } from "./log-lines.ts";
import { endProcess, findProgram, spawnPeer, spawnTracked } from "./peer-program.ts";
import { freePorts } from "./ports.ts";
import { waitUntil } from "./wait-until.ts";

/** The script in /usr/sbin runs this one as another user, with folders of its own. */
const SERVER_SCRIPT = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/**
 * RabbitMQ 3.10 stops the AMQP channel of an MQTT client before it has ended, for 1 to 5 of 100
 * clients that say DISCONNECT, whoever they are (MQTT.js, too), and more when the machine is busy.
 * Its supervisor reports that as its own shutdown, in a record of several lines.
 */
const OWN_REPORT = / supervisor: \{<[\d.]+>,amqp_channel_sup_sup\}/;

/** When and by which process a line was written: those of one record agree. */
function recordOf(line: string): string {
  return /\d{4}-\d\d-\d\d \S+ \[\w+\] <[\d.]+>/.exec(line)?.[0] ?? line;
}

export interface RabbitMqOptions {
  /** Whether MQTT clients must begin with a PROXY header. */
  readonly proxyProtocol?: boolean;
}

export class RabbitMq {
  readonly port: number;
  readonly managementPort: number;
  readonly logLines: string[];
  private readonly children: readonly ChildProcess[];
  private readonly folder: string;

  private constructor(children: readonly ChildProcess[], folder: string, ports: Ports) {
    this.children = children;
    this.folder = folder;
    this.port = ports.mqtt;
    this.managementPort = ports.management;
    this.logLines = keepLines(children[0]!);
  }

  /** Starts one and waits until its plugins serve. */
  static async start({ proxyProtocol = false }: RabbitMqOptions = {}): Promise<RabbitMq> {
    findProgram("rabbitmq-server");
    const folder = mkdtempSync(join(tmpdir(), "fairlead-rabbitmq-"));
    const ports = await drawPorts();
    writeConfig(folder, ports, proxyProtocol);
    const env = environment(folder, ports);
    const mapper = spawnPeer("epmd", ["-port", `${ports.mapper}`], { env, stdio: "ignore" });
    const child = spawnTracked(SERVER_SCRIPT, [], { env, stdio: ["ignore", "pipe", "pipe"] });
    const broker = new RabbitMq([child, mapper], folder, ports);
    try {
      await broker.untilServing(child);
    } catch (error) {
      await broker.close();
      throw error;
    }
    return broker;
  }

  /** Lines of its log that are neither information nor about itself. */
  get complaints(): string[] {
    const started = this.logLines.findIndex((line) => line.includes("Server startup complete"));
    const lines = this.logLines
      .slice(started)
      .filter((line) => / \[(warning|error|critical)\] /.test(line))
      .filter((line) => !line.includes("client call timeout"));
    const own = new Set(lines.filter((line) => OWN_REPORT.test(line)).map(recordOf));
    return lines.filter((line) => !own.has(recordOf(line)));
  }

  async close(): Promise<void> {
    for (const child of this.children) await endProcess(child);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async untilServing(child: ChildProcess): Promise<void> {
    const isServing = () => {
      if (child.exitCode === null) {
        return this.logLines.some((line) => line.includes("Server startup complete"));
      }
      throw new Error(`Cannot start rabbitmq-server: ${this.logLines.slice(-3).join("; ")}`);
    };
    await waitUntil("rabbitmq-server serves", isServing);
  }
}

interface Ports {
  readonly mqtt: number;
  readonly management: number;
  readonly distribution: number;
  readonly mapper: number;
}

async function drawPorts(): Promise<Ports> {
  const [mqtt, management, distribution, mapper] = await freePorts(4);
  return { mqtt: mqtt!, management: management!, distribution: distribution!, mapper: mapper! };
}

function writeConfig(folder: string, ports: Ports, proxyProtocol: boolean): void {
  const config = [
    "listeners.tcp = none",
    `mqtt.listeners.tcp.1 = 127.0.0.1:${ports.mqtt}`,
    "mqtt.allow_anonymous = true",
    `mqtt.proxy_protocol = ${proxyProtocol}`,
    "management.tcp.ip = 127.0.0.1",
    `management.tcp.port = ${ports.management}`,
    "log.console = true",
    "log.console.level = info",
    "log.file = false",
  ];
  writeFileSync(join(folder, "rabbitmq.conf"), config.join("\n"));
  writeFileSync(join(folder, "enabled_plugins"), "[rabbitmq_management,rabbitmq_mqtt].\n");
}

function environment(folder: string, ports: Ports): NodeJS.ProcessEnv {
  return {
    ...process.env,
    HOME: folder,
    RABBITMQ_NODENAME: `fairlead${ports.mqtt}@localhost`,
    RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"),
    RABBITMQ_MNESIA_BASE: join(folder, "mnesia"),
    RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_PID_FILE: join(folder, "pid"),
    RABBITMQ_DIST_PORT: `${ports.distribution}`,
    ERL_EPMD_PORT: `${ports.mapper}`,
    ERL_EPMD_ADDRESS: "127.0.0.1",
  };
}
