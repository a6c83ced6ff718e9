// One of two machines with virtual addresses: Fairlead and keepalived on a host of its own.
//
// Whoever makes one closes it.

import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BridgedHosts, DEVICE } from "./bridged-hosts.ts";
import { keepLines } from "./log-lines.ts";
import { endProcess } from "./peer-program.ts";
import { waitUntil } from "./wait-until.ts";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const OUTPUT = { stdio: ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"] };

export interface MachineParts {
  readonly hosts: BridgedHosts;
  readonly host: "first" | "second";
  /** For its files; others may use the same. */
  readonly folder: string;
  /** Of Fairlead, as JSON. */
  readonly config: string;
}

export class BalancerMachine {
  readonly host: "first" | "second";
  /** What its programs said, over all their lives. */
  readonly lines: string[] = [];
  private readonly parts: MachineParts;
  private readonly folder: string;
  private fairlead: ChildProcess | null = null;
  private keepalived: ChildProcess | null = null;
  /** What the keepalived that runs said. */
  private keepalivedLines: string[] = [];

  constructor(parts: MachineParts) {
    this.parts = parts;
    this.host = parts.host;
    this.folder = join(parts.folder, parts.host);
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(join(this.folder, "fairlead.yaml"), parts.config);
  }

  startFairlead(): void {
    const args = [MAIN, "run", "-c", join(this.folder, "fairlead.yaml")];
    this.fairlead = this.parts.hosts.spawn(this.host, process.execPath, args, OUTPUT);
    keepLines(this.fairlead, this.lines);
  }

  async killFairlead(): Promise<void> {
    if (this.fairlead !== null) await endProcess(this.fairlead, "SIGKILL");
  }

  /** @param config text of its file. @param id which lines of it count (`@first`) */
  startKeepalived(config: string, id: string = this.host): void {
    const file = join(this.folder, "keepalived.conf");
    writeFileSync(file, config);
    rmSync(this.statisticsFile, { force: true });
    const own = ["--pid", join(this.folder, "pid"), "--vrrp_pid", join(this.folder, "vrrp-pid")];
    const args = ["--dont-fork", "--log-console", "--config-id", id, "--use-file", file, ...own];
    // It writes its statistics there.
    const env = { ...process.env, TMPDIR: this.folder };
    const child = this.parts.hosts.spawn(this.host, "keepalived", args, { ...OUTPUT, env });
    this.keepalived = child;
    this.keepalivedLines = keepLines(child);
  }

  /** Ends it in good order, or as a crash would. */
  async endKeepalived(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.keepalived !== null) await endProcess(this.keepalived, signal);
    this.lines.push(...this.keepalivedLines);
  }

  /** What is left of its priority; null before it has changed for the first time. */
  priorityOf(instance: string): number | null {
    const change = `(${instance}) Changing effective priority from`;
    const line = this.keepalivedLines.findLast((each) => each.includes(change));
    return line === undefined ? null : Number(line.slice(line.lastIndexOf(" ") + 1));
  }

  /** Waits until its priority is this. */
  async waitForPriority(instance: string, priority: number): Promise<void> {
    await waitUntil(`${this.host} has priority ${priority}`, () => {
      return this.priorityOf(instance) === priority;
    });
  }

  /** Whether it has all of the addresses. */
  async holds(addresses: readonly string[]): Promise<boolean> {
    const list = await this.parts.hosts.run(this.host, "ip", "-brief", "addr", "show", DEVICE);
    return addresses.every((address) => list.includes(` ${address}/`));
  }

  /** Waits until it has heard so many more adverts of the other one. */
  async hear(count: number): Promise<void> {
    // Before that it does not know the signal.
    const isUp = () => this.keepalivedLines.some((line) => line.includes("Entering BACKUP STATE"));
    await waitUntil(`keepalived of ${this.host} has started`, isUp);
    const first = await waitUntil("keepalived has counted", () => this.countHeard());
    await waitUntil(`${this.host} has heard ${count} adverts`, () => {
      const now = this.countHeard();
      return now !== null && now >= first + count;
    });
  }

  async close(): Promise<void> {
    await this.endKeepalived();
    if (this.fairlead !== null) await endProcess(this.fairlead);
  }

  private get statisticsFile(): string {
    return join(this.folder, "keepalived.stats");
  }

  // Asks keepalived to write its statistics; what is read are those it wrote before, or none.
  private countHeard(): number | null {
    this.keepalived?.kill("SIGUSR2");
    try {
      const text = readFileSync(this.statisticsFile, "utf8");
      const [, count] = text.match(/Received: (\d+)\n/) ?? [];
      return count === undefined ? null : Number(count);
    } catch {
      return null; // Not written yet; waitUntil asks again.
    }
  }
}
