// A service manager's end of sd_notify(3): socat, which prints what is sent to a Unix datagram
// socket. Whoever opens one closes it, best with `closeAtEnd`.

import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { endProcess, spawnPeer } from "./peer-program.ts";
import { waitUntil } from "./wait-until.ts";

export class NoticeReceiver {
  /** For NOTIFY_SOCKET. */
  readonly path: string;
  /** Assignments, in the order in which they came. */
  readonly lines: string[] = [];
  private readonly child: ChildProcess;

  private constructor(path: string) {
    this.path = path;
    const address = path.startsWith("@") ? `ABSTRACT-RECV:${path.slice(1)}` : `UNIX-RECV:${path}`;
    this.child = spawnPeer("socat", ["-u", address, "STDOUT"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    createInterface({ input: this.child.stdout! }).on("line", (line) => this.lines.push(line));
  }

  /** @param path of a file that is not there yet, or `@name` */
  static async open(path: string): Promise<NoticeReceiver> {
    const receiver = new NoticeReceiver(path);
    await waitUntil(`socat has bound "${path}"`, () => {
      return readFileSync("/proc/net/unix", "utf8").includes(` ${path}\n`);
    });
    return receiver;
  }

  /** Waits for an assignment behind the first `from` of them. @returns how many there are then */
  async waitFor(assignment: string | RegExp, from = 0): Promise<number> {
    const isIt = (line: string) =>
      typeof assignment === "string" ? line === assignment : assignment.test(line);
    await waitUntil(`${assignment} has come`, () => this.lines.slice(from).some(isIt));
    return this.lines.length;
  }

  /** What was assigned, in order: `READY`, `STATUS`. */
  get names(): string[] {
    return this.lines.map((line) => line.split("=")[0]!);
  }

  close(): Promise<void> {
    return endProcess(this.child);
  }
}
