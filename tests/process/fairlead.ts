// A Fairlead of its own process, started from dist/ as operators start it, with its log kept.
//
// Ready when its admin address answers. Whoever starts one closes it, best with `closeAtEnd`.

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { endProcess, spawnTracked } from "./peer-program.ts";
import { freePorts, freePortsInARow } from "./ports.ts";
import { waitUntil } from "./wait-until.ts";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
/** How many `up` starts. */
const NODES = 3;

export interface FairleadOptions {
  /** `run -c FILE` with this text as the file, or `up` when there is none. */
  readonly config?: string;
  /** What that file is called, or its absolute path: `fairlead.yaml` unless said otherwise. */
  readonly configName?: string;
  /** Further arguments, behind the command's own. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The open-files limit that it is started under; that of the tests unless said otherwise. */
  readonly openFilesMax?: number;
  /** False: nobody reads its standard output, so that its pipe fills. Default true. */
  readonly isOutputRead?: boolean;
  /** Where its pages are; must agree with the configuration. */
  readonly adminPort: number;
  /** Whether it serves, for pages that plain HTTP cannot ask for. */
  readonly isReady?: () => Promise<boolean>;
}

/** One JSON line of its log. */
export type LogEntry = Readonly<Record<string, unknown>>;

/** What a command that ends by itself left behind. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Fairlead {
  readonly adminPort: number;
  /** Everything it printed, line by line. */
  readonly lines: string[] = [];
  private readonly child: ChildProcess;
  private readonly folder: string;
  private readonly configName: string | undefined;
  private readonly answers: () => Promise<unknown>;

  private constructor(options: FairleadOptions) {
    this.adminPort = options.adminPort;
    this.configName = options.configName;
    this.answers = options.isReady ?? (() => this.isItself());
    this.folder = mkdtempSync(join(tmpdir(), "fairlead-test-"));
    this.child = startMain(commandLine(options, this.folder), options);
    const { stdout, stderr } = this.child;
    for (const stream of options.isOutputRead === false ? [stderr] : [stdout, stderr]) {
      if (stream) createInterface({ input: stream }).on("line", (line) => this.lines.push(line));
    }
  }

  /** Starts one and waits until its admin address answers. */
  static async start(options: FairleadOptions): Promise<Fairlead> {
    const ports = options.config === undefined ? await portsOfUp() : [];
    const fairlead = new Fairlead({ ...options, args: [...ports, ...(options.args ?? [])] });
    try {
      await waitUntil("Fairlead's admin address answers", () => fairlead.isReady());
    } catch (error) {
      await fairlead.close();
      throw new Error(`Cannot start Fairlead: ${fairlead.lines.slice(-20).join("\n")}`, {
        cause: error,
      });
    }
    return fairlead;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Null while it runs, and when a signal ended it. */
  get exitCode(): number | null {
    return this.child.exitCode;
  }

  /** The lines that are JSON, in order. */
  get log(): LogEntry[] {
    return this.lines.flatMap((line) => {
      const entry = parsedObject(line);
      return entry === null ? [] : [entry];
    });
  }

  /** Waits for a line of the log. @param what for the error */
  waitForLog(what: string, isIt: (entry: LogEntry) => boolean): Promise<LogEntry> {
    return waitUntil(what, () => this.log.find(isIt));
  }

  /** @returns the body of a page: `/stats`, `/metrics`, `/api/v1/servers` */
  async fetchPage(path: string): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.adminPort}${path}`);
    if (!response.ok) throw new Error(`Cannot fetch ${path}: status ${response.status}`);
    return await response.text();
  }

  /** @returns `/api/v1/servers`, parsed; its shape is the caller's to check */
  async fetchServers(): Promise<unknown> {
    return JSON.parse(await this.fetchPage("/api/v1/servers"));
  }

  /** @returns how each worker waits for the kernel, whatever the configuration wished */
  async fetchReactors(): Promise<readonly string[]> {
    const { workers } = JSON.parse(await this.fetchPage("/api/v1/status")) as {
      workers: readonly { reactor: string }[];
    };
    return workers.map(({ reactor }) => reactor);
  }

  /** @returns the value of one sample, given as `/metrics` writes it: `name{label="value"}` */
  async fetchMetric(sample: string): Promise<number> {
    const text = await this.fetchPage("/metrics");
    const line = text.split("\n").find((candidate) => candidate.startsWith(`${sample} `));
    if (line === undefined) throw new Error(`Cannot find the metric ${sample}`);
    return Number(line.slice(sample.length + 1));
  }

  /** Replaces its configuration file, which counts once it is reloaded. */
  writeConfig(config: string): void {
    writeFileSync(configFileIn(this.folder, this.configName), config);
  }

  /** Asks for what `fairlead ctl reload --wait` asks for. @returns the answer, parsed */
  async reload(): Promise<unknown> {
    const url = `http://127.0.0.1:${this.adminPort}/api/v1/reload?wait=true`;
    return (await fetch(url, { method: "POST", headers: { "fairlead-request": "1" } })).json();
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Asks it to end. @returns its exit code; null when it had to be killed */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    await endProcess(this.child, signal);
    return this.child.exitCode;
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  // Who answers may be somebody else, who has the port that this one fails to bind.
  private async isItself(): Promise<boolean> {
    return JSON.parse(await this.fetchPage("/api/v1/status")).pid === this.pid;
  }

  private async isReady(): Promise<boolean> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) {
      throw new Error(`Process ended with ${this.child.exitCode ?? this.child.signalCode}`);
    }
    try {
      return (await this.answers()) !== false;
    } catch {
      return false; // Not listening yet; waitUntil asks again.
    }
  }
}

/**
 * Arguments of `up` for the ports that a test does not ask for. Those that `up` itself would find
 * free may be drawn by another test before they are listened on.
 */
export async function portsOfUp(): Promise<string[]> {
  const [tls, ws, wss] = await freePorts(3);
  const [nodes, nodesWs] = [await freePortsInARow(NODES), await freePortsInARow(NODES)];
  const named = { tls, ws, wss, node: nodes, "node-ws": nodesWs };
  return Object.entries(named).flatMap(([name, port]) => [`--${name}-port`, `${port}`]);
}

/** Runs a command that ends by itself: `check -c FILE`, `ctl broker stats`. */
export async function runFairlead(...args: readonly string[]): Promise<Ended> {
  const child = startMain(args);
  const texts = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    texts.stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    texts.stderr += text;
  });
  await once(child, "close");
  return { exitCode: child.exitCode, ...texts };
}

/** A command that goes on until it is done, or ended: `ctl trace`, `ctl events --follow`. */
export class RunningCommand {
  readonly lines: string[] = [];
  readonly complaints: string[] = [];
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(...args: readonly string[]) {
    this.child = startMain(args);
    const { stdout, stderr } = this.child;
    createInterface({ input: stdout! }).on("line", (line) => this.lines.push(line));
    createInterface({ input: stderr! }).on("line", (line) => this.complaints.push(line));
    this.ended = once(this.child, "close");
  }

  get exitCode(): number | null {
    return this.child.exitCode;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Waits until it has ended by itself and all its lines are here. @returns its exit code */
  async untilEnd(): Promise<number> {
    await this.ended;
    return this.exitCode!;
  }

  async close(): Promise<void> {
    await endProcess(this.child);
  }
}

function startMain(
  args: readonly string[],
  { env = {}, openFilesMax }: Partial<FairleadOptions> = {},
): ChildProcess {
  if (!existsSync(MAIN)) throw new Error(`Cannot find ${MAIN}: run "npm run build" first`);
  const command = [process.execPath, MAIN, ...args];
  // Of a running process Node.js cannot change limits; a shell can, before it becomes one.
  const limited = ["/bin/sh", "-c", `ulimit -n ${openFilesMax} && exec "$@"`, "sh", ...command];
  const [path, ...rest] = (openFilesMax === undefined ? command : limited) as [string, ...string[]];
  return spawnTracked(path, rest, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
}

function commandLine(options: FairleadOptions, folder: string): string[] {
  const { config, configName, args = [] } = options;
  if (config === undefined) return ["up", "--state-dir", folder, ...args];
  const file = configFileIn(folder, configName);
  writeFileSync(file, config);
  return ["run", "-c", file, ...args];
}

function configFileIn(folder: string, name = "fairlead.yaml"): string {
  return resolve(folder, name);
}

function parsedObject(line: string): LogEntry | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line) as LogEntry;
  } catch {
    return null; // A line for people that begins with a brace.
  }
}
