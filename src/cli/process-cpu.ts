// CPU time of a process with all its threads, user and system, as the kernel's scheduler counts it
// (/proc/PID/task/*/schedstat, ns), and how long the busiest of them was ready but others ran.
// Threads that have ended are not in it.

import { readdirSync, readFileSync } from "node:fs";

export interface CpuTimes {
  readonly usedSeconds: number;
  /** How long the busiest thread was ready to run and waited for a core. */
  readonly waitedSeconds: number;
}

/** Throws when there is no such process, or it may not be looked at. */
export function readCpuTimes(pid: number): CpuTimes {
  const folder = `/proc/${pid}/task`;
  let usedNs = 0;
  let most = 0;
  let waitedNs = 0;
  for (const thread of readdirSync(folder)) {
    const [used, waited] = readThread(`${folder}/${thread}/schedstat`);
    usedNs += used;
    if (used < most) continue;
    most = used;
    waitedNs = waited;
  }
  return { usedSeconds: usedNs / 1e9, waitedSeconds: waitedNs / 1e9 };
}

function readThread(file: string): [usedNs: number, waitedNs: number] {
  try {
    const [used, waited] = readFileSync(file, "utf8").split(" ").map(Number);
    return [used ?? 0, waited ?? 0];
  } catch {
    return [0, 0]; // The thread ended since its folder was listed.
  }
}
