// Three hosts on one machine: network namespaces in a row, a client, a balancer, a server, joined
// by veth pairs. The balancer's is set up as transparent proxies are (HAProxy's manual, `usesrc`):
// what comes back from the server for somebody else's address is its own.
//
//   client ──────────── balancer ──────────── server
//   10.99.1.2     10.99.1.1  10.99.2.1     10.99.2.2
//   fd99:1::2     fd99:1::1  fd99:2::1     fd99:2::2
//
// Needs root and ip(8). Nothing is changed outside of them; whoever makes them closes them.

import { type ChildProcess, execFile, type SpawnOptions } from "node:child_process";
import { promisify } from "node:util";
import { findProgram, spawnPeer } from "./peer-program.ts";

const run = promisify(execFile);

const HOSTS = ["client", "balancer", "server"] as const;
export type Host = (typeof HOSTS)[number];

/** Whatever has no other way is for this machine. */
const ALL_MINE = ["local", "default", "dev", "lo", "table", "100"];

export class Namespaces {
  private readonly prefix = `fairlead-${process.pid}-`;

  /** Makes them; throws when that is not possible here. */
  static async make(): Promise<Namespaces> {
    const namespaces = new Namespaces();
    try {
      await namespaces.make();
    } catch (error) {
      await namespaces.close();
      throw new Error("Cannot make network namespaces: run the tests as root", { cause: error });
    }
    return namespaces;
  }

  /** Starts a program on one of the hosts. */
  spawn(
    host: Host,
    program: string,
    args: readonly string[],
    options: SpawnOptions = {},
  ): ChildProcess {
    return spawnPeer("ip", this.onHost(host, program, args), options);
  }

  /** Runs a program on a host to its end. @returns what it printed; rejects if it fails */
  async run(host: Host, program: string, ...args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await run(findProgram("ip"), this.onHost(host, program, args));
    return stdout + stderr;
  }

  async close(): Promise<void> {
    for (const host of HOSTS) {
      // Only those that there are; with a namespace go its ends of the pairs.
      await run(findProgram("ip"), ["netns", "del", this.nameOf(host)]).catch(() => undefined);
    }
  }

  private onHost(host: Host, program: string, args: readonly string[]): string[] {
    const path = program.includes("/") ? program : findProgram(program);
    return ["netns", "exec", this.nameOf(host), path, ...args];
  }

  private nameOf(host: Host): string {
    return `${this.prefix}${host}`;
  }

  private async make(): Promise<void> {
    for (const host of HOSTS) await run(findProgram("ip"), ["netns", "add", this.nameOf(host)]);
    await this.join("client", "balancer", 1);
    await this.join("server", "balancer", 2);
    for (const [host, net] of [
      ["client", 1],
      ["server", 2],
    ] as const) {
      await this.ip(host, "route", "add", "default", "via", `10.99.${net}.1`);
      await this.ip(host, "-6", "route", "add", "default", "via", `fd99:${net}::1`);
    }
    for (const family of ["-4", "-6"]) {
      await this.ip("balancer", family, "rule", "add", "iif", "to-server", "lookup", "100");
      await this.ip("balancer", family, "route", "add", ...ALL_MINE);
    }
  }

  private async join(host: "client" | "server", other: Host, net: number): Promise<void> {
    const [near, far] = ["to-balancer", `to-${host}`];
    const peer = ["peer", "name", far, "netns", this.nameOf(other)];
    const pair = ["type", "veth", ...peer];
    await this.ip(host, "link", "add", near, ...pair);
    for (const [at, device, last] of [
      [host, near, 2],
      [other, far, 1],
    ] as const) {
      await this.ip(at, "addr", "add", `10.99.${net}.${last}/24`, "dev", device);
      await this.ip(at, "addr", "add", `fd99:${net}::${last}/64`, "dev", device, "nodad");
      await this.ip(at, "link", "set", device, "up");
      await this.ip(at, "link", "set", "lo", "up");
    }
  }

  private async ip(host: Host, ...args: readonly string[]): Promise<void> {
    await run(findProgram("ip"), ["-n", this.nameOf(host), ...args]);
  }
}
