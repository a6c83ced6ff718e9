// CPU time of a process with all its threads, user and system, as the kernel's scheduler counts it
// (/proc/PID/task/*/schedstat, ns), and how long the busiest of them was ready but others ran.
// Threads that have ended are not in it.

import { readdirSync } from "node:fs";
import { readThreadTimes } from "../supervisor/thread-times.ts";

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
    // The thread may have ended since its folder was listed.
    const times = readThreadTimes(`${folder}/${thread}`) ?? { usedNs: 0, waitedNs: 0 };
    usedNs += times.usedNs;
    if (times.usedNs < most) continue;
    most = times.usedNs;
    waitedNs = times.waitedNs;
  }
  return { usedSeconds: usedNs / 1e9, waitedSeconds: waitedNs / 1e9 };
}
