// What the kernel says of a process: its memory, its open files.

import { readdirSync, readFileSync } from "node:fs";

/** @returns bytes of memory that the process has written to and shares with nobody */
export function privateDirtyBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const [, kilobytes] = text.match(/^Private_Dirty:\s+(\d+) kB$/m) ?? [];
  if (kilobytes === undefined) throw new Error(`Cannot read the memory of process ${pid}`);
  return Number(kilobytes) * 1024;
}

/** @returns the most memory that a process ever had, in MiB */
export function peakMemoryMiB(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  const [, kilobytes] = text.match(/^VmHWM:\s+(\d+) kB$/m) ?? [];
  if (kilobytes === undefined) throw new Error(`Cannot read the memory of process ${pid}`);
  return Number(kilobytes) / 1024;
}

/** @returns how many files, sockets included, a process has open */
export function openFileCount(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
