// A real mosquitto broker on a loopback port of its own, with its log kept line by line.
//
// Whoever starts one closes it, best with `closeAtEnd`; it can be started again on the same port.

import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepLines } from "./log-lines.ts";
import { endProcess, spawnPeer } from "./peer-program.ts";
import { freePort } from "./ports.ts";
import { waitUntil } from "./wait-until.ts";

export interface MosquittoOptions {
  /** Default: one that is free. */
  readonly port?: number;
  /** Further lines of its configuration: `allow_anonymous false`. */
  readonly config?: readonly string[];
}

export class Mosquitto {
  readonly port: number;
  /** Everything it logged, over all its lives. */
  readonly logLines: string[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), "fairlead-mosquitto-"));
  private readonly config: readonly string[];
  private child: ChildProcess | null = null;

  private constructor(port: number, config: readonly string[]) {
    this.port = port;
    this.config = config;
  }

  /** Starts one and waits until it listens. */
  static async start(options: MosquittoOptions = {}): Promise<Mosquitto> {
    const broker = new Mosquitto(options.port ?? (await freePort()), options.config ?? []);
    try {
      await broker.start();
    } catch (error) {
      await broker.close();
      throw error;
    }
    return broker;
  }

  /** Its process id; null while it does not run. */
  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Lines that mean somebody misbehaved, as mosquitto words them. */
  get complaints(): string[] {
    return this.logLines.filter((line) =>
      /error|protocol|malformed|invalid|exceeded|denied|not authori[sz]ed/i.test(line),
    );
  }

  /** Starts it, again on the same port, and waits until it listens. */
  async start(): Promise<void> {
    const file = join(this.folder, "mosquitto.conf");
    writeFileSync(file, this.configLines().join("\n"));
    const child = spawnPeer("mosquitto", ["-c", file], { stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    keepLines(child, this.logLines);
    await waitUntil(`mosquitto listens on port ${this.port}`, () => {
      if (child.exitCode === null) return canConnect(this.port);
      throw new Error(`Cannot start mosquitto: ${this.logLines.slice(-3).join("; ")}`);
    });
  }

  /** Ends it in good order and keeps its folder: `start` may follow. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.child !== null) await endProcess(this.child, signal);
    this.child = null;
  }

  /** Ends it as a crash would. */
  kill(): Promise<void> {
    return this.stop("SIGKILL");
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private configLines(): string[] {
    const own = [`listener ${this.port} 127.0.0.1`, "log_dest stderr", "log_type all"];
    const isDecided = this.config.some((line) => line.startsWith("allow_anonymous"));
    const anonymous = isDecided ? [] : ["allow_anonymous true"];
    // Started by root it would become the user "mosquitto", who may not read the folder.
    const user = process.getuid?.() === 0 ? ["user root"] : [];
    return [...own, ...user, ...anonymous, "persistence false", ...this.config, ""];
  }
}

/** @returns whether something accepts connections on a loopback port */
export function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    socket.on("connect", () => socket.end());
    socket.on("connect", () => resolve(true));
    socket.on("error", () => resolve(false));
  });
}
