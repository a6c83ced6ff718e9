// A real nginx that passes TCP on and says in its log who came, as a PROXY header has it; or one
// that ends TLS.

import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepLines } from "./log-lines.ts";
import { canConnect } from "./mosquitto.ts";
import { endProcess, spawnPeer } from "./peer-program.ts";
import { freePort } from "./ports.ts";
import { waitUntil } from "./wait-until.ts";

/** Debian keeps the stream module in a file of its own. */
const STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so";

export interface NginxOptions {
  /** Behind the address: `ssl`; `proxy_protocol` unless said otherwise. */
  readonly listen?: string;
  /** Of its server: `ssl_certificate FOLDER/server.pem;`; FOLDER is its own folder. */
  readonly lines?: string;
  /** Further files of its folder, by name. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

export class Nginx {
  readonly port: number;
  private readonly child: ChildProcess;
  private readonly folder: string;
  private readonly errors: string[];

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.child = child;
    this.folder = folder;
    this.port = port;
    this.errors = keepLines(child);
  }

  /** Starts one that wants a PROXY header, unless told otherwise, and waits until it listens. */
  static async start(serverPort: number, options: NginxOptions = {}): Promise<Nginx> {
    const { listen = "proxy_protocol", lines = "", files = {} } = options;
    if (!existsSync(STREAM_MODULE)) {
      throw new Error(`Cannot find ${STREAM_MODULE}: install libnginx-mod-stream`);
    }
    const folder = mkdtempSync(join(tmpdir(), "fairlead-nginx-"));
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(folder, name), content);
    }
    const port = await freePort();
    const config = [
      `load_module ${STREAM_MODULE};`,
      "daemon off;",
      "master_process off;",
      `pid ${folder}/pid;`,
      "error_log stderr warn;",
      "events {}",
      "stream {",
      "  log_format whom '$proxy_protocol_addr:$proxy_protocol_port '",
      "    '$proxy_protocol_server_addr:$proxy_protocol_server_port';",
      `  access_log ${folder}/access.log whom;`,
      `  server { listen 127.0.0.1:${port} ${listen}; proxy_pass 127.0.0.1:${serverPort};`,
      `    ${lines.replaceAll("FOLDER", folder)} }`,
      "}",
      "",
    ];
    writeFileSync(join(folder, "nginx.conf"), config.join("\n"));
    const args = ["-c", join(folder, "nginx.conf"), "-p", folder, "-e", "stderr"];
    const child = spawnPeer("nginx", args, { stdio: ["ignore", "pipe", "pipe"] });
    const nginx = new Nginx(child, folder, port);
    try {
      await waitUntil("nginx listens", () => {
        if (child.exitCode === null) return canConnect(port);
        throw new Error(`Cannot start nginx: ${nginx.errors.join("; ")}`);
      });
    } catch (error) {
      await nginx.close();
      throw error;
    }
    return nginx;
  }

  /** Lines of its access log: `CLIENT SERVER`, as headers had them. */
  get logLines(): string[] {
    return readFileSync(join(this.folder, "access.log"), "utf8").split("\n");
  }

  async close(): Promise<void> {
    await endProcess(this.child);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
