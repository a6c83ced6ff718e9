// One haproxy.cfg in two places at once: in Debian's HAProxy and in Fairlead, each with ports of
// its own and a socket for HAProxy's commands, so that both are asked the same in the same way.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead } from "./fairlead.ts";
import { endProcess, spawnPeer } from "./peer-program.ts";
import { freePorts } from "./ports.ts";
import { waitUntil } from "./wait-until.ts";

export interface Twin {
  readonly name: "HAProxy" | "Fairlead";
  readonly ports: readonly number[];
  /** Sends a line to its socket. @returns all that came back */
  readonly say: (command: string) => Promise<string>;
}

export interface TwinOptions {
  /** How many ports the file listens on. */
  readonly portCount: number;
  /** The file, without its global section. @param ports those that this one listens on */
  readonly file: (name: Twin["name"], ports: readonly number[]) => string;
}

/** Starts both for the test that runs; they end with the test. */
export async function startTwins(options: TwinOptions): Promise<readonly [Twin, Twin]> {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-twins-"));
  closeAtEnd({ close: () => rmSync(folder, { recursive: true }) });
  return [await startTheirs(folder, options), await startOurs(folder, options)];
}

function headOf(socket: string): string {
  return `global\n  stats socket ${socket} level admin\n`;
}

async function startTheirs(folder: string, { portCount, file }: TwinOptions): Promise<Twin> {
  const name = "HAProxy";
  const ports = await freePorts(portCount);
  const socket = join(folder, "theirs.sock");
  const path = join(folder, "haproxy.cfg");
  // With several threads each would take turns by itself.
  writeFileSync(path, `${headOf(socket)}  nbthread 1\n${file(name, ports)}`);
  const child = spawnPeer("haproxy", ["-f", path, "-db"], { stdio: "ignore" });
  closeAtEnd({ close: () => endProcess(child, "SIGKILL") });
  // A client that asks whether it listens would take its turn at a server.
  await waitUntil("haproxy answers", () => {
    if (child.exitCode !== null) throw new Error("Cannot start haproxy: it has ended");
    return say(socket, "show info").catch(() => null);
  });
  return { name, ports, say: (command) => say(socket, command) };
}

async function startOurs(folder: string, { portCount, file }: TwinOptions): Promise<Twin> {
  const name = "Fairlead";
  const [adminPort, ...ports] = (await freePorts(portCount + 1)) as [number, ...number[]];
  const socket = join(folder, "ours.sock");
  const page = `frontend stats\n  mode http\n  bind 127.0.0.1:${adminPort}\n  stats enable\n`;
  const config = `${headOf(socket)}${file(name, ports)}${page}`;
  closeAtEnd(await Fairlead.start({ config, configName: "haproxy.cfg", adminPort }));
  return { name, ports, say: (command) => say(socket, command) };
}

function say(path: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(path, () => socket.write(`${command}\n`));
    socket.setEncoding("utf8").on("data", (part) => {
      answer += part;
    });
    socket.on("error", reject).on("close", () => resolve(answer));
  });
}

/** @returns what `show servers state` says: whether the server is up (HAProxy's 2), or not */
export async function isUp(twin: Twin, section: string, server: string): Promise<boolean> {
  const [, head = "", ...rows] = (await twin.say(`show servers state ${section}`)).split("\n");
  const row = rows.map((each) => each.split(" ")).find((cells) => cells[3] === server);
  const state = row?.[head.split(" ").indexOf("srv_op_state") - 1];
  if (state === undefined) throw new Error(`Cannot find "${section}/${server}" at ${twin.name}`);
  return state === "2";
}
