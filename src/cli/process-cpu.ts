// CPU time of a process with all its threads, user and system, as the kernel's scheduler counts it
// (/proc/PID/task/*/schedstat, ns). Threads that have ended are not in it.

import { readdirSync, readFileSync } from "node:fs";

/** @returns seconds; throws when there is no such process, or it may not be looked at */
export function readCpuSeconds(pid: number): number {
  const folder = `/proc/${pid}/task`;
  let ns = 0;
  for (const thread of readdirSync(folder)) ns += readThreadNs(`${folder}/${thread}/schedstat`);
  return ns / 1e9;
}

function readThreadNs(file: string): number {
  try {
    return Number(readFileSync(file, "utf8").split(" ")[0]);
  } catch {
    return 0; // The thread ended since its folder was listed.
  }
}
