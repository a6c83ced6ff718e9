// A real HAProxy in front of something, as a receiver of TLS and PROXY headers that says in its log
// who came, or as one that sends them on.

import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepLines } from "./log-lines.ts";
import { canConnect } from "./mosquitto.ts";
import { endProcess, spawnPeer } from "./peer-program.ts";
import { freePort } from "./ports.ts";
import { waitUntil } from "./wait-until.ts";

export interface HaproxyOptions {
  /** Where connections go on to, over plain TCP. */
  readonly serverPort: number;
  /** After the address: `accept-proxy`, `ssl crt FOLDER/server.pem`; FOLDER is its own folder. */
  readonly bind: string;
  /** After the server's address: `send-proxy-v2`. */
  readonly server?: string;
  /** Further files of its folder, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

export class Haproxy {
  readonly port: number;
  readonly logLines: string[];
  private readonly child: ChildProcess;
  private readonly folder: string;

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.child = child;
    this.folder = folder;
    this.port = port;
    this.logLines = keepLines(child);
  }

  /** Starts one and waits until it listens. */
  static async start(options: HaproxyOptions): Promise<Haproxy> {
    const { serverPort, bind, server = "", files = {} } = options;
    const folder = mkdtempSync(join(tmpdir(), "fairlead-haproxy-"));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const port = await freePort();
    const config = [
      "global",
      "  log stdout format raw local0",
      "defaults",
      "  mode tcp",
      "  log global",
      "  option tcplog",
      "  timeout connect 5s",
      "  timeout client 30s",
      "  timeout server 30s",
      "listen receiver",
      `  bind 127.0.0.1:${port} ${bind.replaceAll("FOLDER", folder)}`,
      `  server one 127.0.0.1:${serverPort} ${server}`,
      "",
    ];
    const file = join(folder, "haproxy.cfg");
    writeFileSync(file, config.join("\n"));
    const child = spawnPeer("haproxy", ["-f", file, "-db"], { stdio: ["ignore", "pipe", "pipe"] });
    const haproxy = new Haproxy(child, folder, port);
    try {
      await waitUntil("haproxy listens", () => {
        if (child.exitCode === null) return canConnect(port);
        throw new Error(`Cannot start haproxy: ${haproxy.logLines.join("; ")}`);
      });
      // Asking whether it listens leaves a line of its own.
      await waitUntil("haproxy has logged that", () => haproxy.logLines.length > 0);
      haproxy.logLines.length = 0;
    } catch (error) {
      await haproxy.close();
      throw error;
    }
    return haproxy;
  }

  async close(): Promise<void> {
    await endProcess(this.child, "SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
