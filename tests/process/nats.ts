// A real NATS server with its MQTT and monitoring ports on loopback, and its log.

import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepLines } from "./log-lines.ts";
import { endProcess, spawnPeer } from "./peer-program.ts";
import { freePorts } from "./ports.ts";
import { waitUntil } from "./wait-until.ts";

export class Nats {
  readonly port: number;
  readonly monitorPort: number;
  readonly logLines: string[];
  private readonly child: ChildProcess;
  private readonly folder: string;

  private constructor(child: ChildProcess, folder: string, ports: readonly number[]) {
    this.child = child;
    this.folder = folder;
    [this.port, this.monitorPort] = ports as [number, number];
    this.logLines = keepLines(child);
  }

  /** Starts one and waits until it is ready. */
  static async start(): Promise<Nats> {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-nats-"));
    const [mqtt, monitor, client] = (await freePorts(3)) as [number, number, number];
    const config = [
      `listen: 127.0.0.1:${client}`,
      `http: 127.0.0.1:${monitor}`,
      "server_name: n1",
      `jetstream { store_dir: "${folder}" }`,
      `mqtt { listen: "127.0.0.1:${mqtt}" }`,
    ];
    const file = join(folder, "nats.conf");
    writeFileSync(file, config.join("\n"));
    const child = spawnPeer("nats-server", ["-c", file], { stdio: ["ignore", "pipe", "pipe"] });
    const nats = new Nats(child, folder, [mqtt, monitor]);
    try {
      await waitUntil("nats-server is ready", () => {
        return nats.logLines.some((line) => line.includes("Server is ready"));
      });
    } catch (error) {
      await nats.close();
      throw error;
    }
    return nats;
  }

  /** Lines of its log that are no information. */
  get complaints(): string[] {
    return this.logLines.filter((line) => !/ \[INF\] /.test(line));
  }

  async close(): Promise<void> {
    await endProcess(this.child);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
