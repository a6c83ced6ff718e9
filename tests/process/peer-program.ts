// Finds the programs of others that tests run, and runs them. A missing one is a failure that names
// its Debian package; the list is peers.json, which scripts/install-test-peers.js installs from.

import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

interface Peer {
  readonly program?: string;
  readonly package: string;
}

const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];
/** How long a process gets to end by itself; nothing but a hang takes that long. */
const GRACE_MS = 120_000;

/** @returns the path of a program; throws with the name of its package when it is not there */
export function findProgram(program: string): string {
  const folders = (process.env["PATH"] ?? "").split(delimiter).concat(SYSTEM_FOLDERS);
  const path = folders.map((folder) => join(folder, program)).find(isExecutable);
  if (path !== undefined) return path;
  const debianPackage = readPeers().find((peer) => peer.program === program)?.package ?? program;
  throw new Error(
    `Cannot find "${program}": install the Debian package "${debianPackage}" (npm test tries to)`,
  );
}

/** Starts a program of somebody else. */
export function spawnPeer(
  program: string,
  args: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  return spawnTracked(findProgram(program), args, options);
}

/** Starts a program that does not outlive the test run, whatever becomes of the test. */
export function spawnTracked(
  path: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  const child = spawn(path, args, options);
  children.add(child);
  child.on("exit", () => children.delete(child));
  return child;
}

const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** Ends a process that a test started and waits until it is gone; kills it when it lingers. */
export async function endProcess(
  child: ChildProcess,
  signal: NodeJS.Signals = "SIGTERM",
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, "exit");
  child.kill(signal);
  const killer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  await gone;
  clearTimeout(killer);
}

function readPeers(): readonly Peer[] {
  return JSON.parse(readFileSync(new URL("./peers.json", import.meta.url), "utf8")) as Peer[];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // Not there, or not ours to run: the same thing to a test.
  }
}
