// Several hosts on one machine: network namespaces, joined by veth pairs as a test wants them. One
// layout stands here, which transparent proxies need; another one in bridged-hosts.ts.
//
// Needs root and ip(8). Nothing is changed outside of them; whoever makes them closes them.

import { type ChildProcess, execFile, type SpawnOptions } from "node:child_process";
import { promisify } from "node:util";
import { findProgram, spawnPeer } from "./peer-program.ts";

const run = promisify(execFile);

/** An end of a pair: the host that has it, and what the interface is called there. */
type End<Host> = readonly [host: Host, device: string];

export class Namespaces<Host extends string> {
  private readonly prefix = `fairlead-${process.pid}-`;
  private readonly hosts: readonly Host[];

  private constructor(hosts: readonly Host[]) {
    this.hosts = hosts;
  }

  /** Makes hosts and joins them; throws when that is not possible here. */
  static async make<Host extends string>(
    hosts: readonly Host[],
    join: (made: Namespaces<Host>) => Promise<void>,
  ): Promise<Namespaces<Host>> {
    const namespaces = new Namespaces(hosts);
    try {
      for (const host of hosts) {
        await run(findProgram("ip"), ["netns", "add", namespaces.nameOf(host)]);
        await namespaces.ip(host, "link", "set", "lo", "up");
      }
      await join(namespaces);
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

  /** Runs ip(8) on a host. */
  async ip(host: Host, ...args: readonly string[]): Promise<void> {
    await run(findProgram("ip"), ["-n", this.nameOf(host), ...args]);
  }

  /** Joins two hosts. */
  async join([host, near]: End<Host>, [other, far]: End<Host>): Promise<void> {
    const peer = ["peer", "name", far, "netns", this.nameOf(other)];
    await this.ip(host, "link", "add", near, "type", "veth", ...peer);
    await this.ip(host, "link", "set", near, "up");
    await this.ip(other, "link", "set", far, "up");
  }

  async close(): Promise<void> {
    for (const host of this.hosts) {
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
}

export type RowOfHosts = Namespaces<"client" | "balancer" | "server">;

/** Whatever has no other way is for this machine. */
const ALL_MINE = ["local", "default", "dev", "lo", "table", "100"];

/**
 * Makes three hosts in a row. The balancer is set up as transparent proxies are (HAProxy's manual,
 * `usesrc`): what comes back from the server for somebody else's address is its own.
 *
 *   client ──────────── balancer ──────────── server
 *   10.99.1.2     10.99.1.1  10.99.2.1     10.99.2.2
 *   fd99:1::2     fd99:1::1  fd99:2::1     fd99:2::2
 */
export function makeRowOfHosts(): Promise<RowOfHosts> {
  return Namespaces.make(["client", "balancer", "server"], async (hosts) => {
    await joinToBalancer(hosts, "client", 1);
    await joinToBalancer(hosts, "server", 2);
    for (const family of ["-4", "-6"]) {
      await hosts.ip("balancer", family, "rule", "add", "iif", "to-server", "lookup", "100");
      await hosts.ip("balancer", family, "route", "add", ...ALL_MINE);
    }
  });
}

async function joinToBalancer(
  hosts: RowOfHosts,
  host: "client" | "server",
  net: number,
): Promise<void> {
  const [near, far] = ["to-balancer", `to-${host}`];
  await hosts.join([host, near], ["balancer", far]);
  for (const [at, device, last] of [
    [host, near, 2],
    ["balancer", far, 1],
  ] as const) {
    await hosts.ip(at, "addr", "add", `10.99.${net}.${last}/24`, "dev", device);
    await hosts.ip(at, "addr", "add", `fd99:${net}::${last}/64`, "dev", device, "nodad");
  }
  await hosts.ip(host, "route", "add", "default", "via", `10.99.${net}.1`);
  await hosts.ip(host, "-6", "route", "add", "default", "via", `fd99:${net}::1`);
}
