// What the kernel's scheduler counts of a thread: how long it ran, and how long it was ready to run
// while others did (/proc/PID/task/TID/schedstat).

import { readFileSync } from "node:fs";

export interface ThreadTimes {
  readonly usedNs: number;
  readonly waitedNs: number;
}

/**
 * @param folder `/proc/self/task/4711`
 * @returns null when the thread has ended, or may not be looked at
 */
export function readThreadTimes(folder: string): ThreadTimes | null {
  try {
    const [used, waited] = readFileSync(`${folder}/schedstat`, "utf8").split(" ").map(Number);
    return { usedNs: used ?? 0, waitedNs: waited ?? 0 };
  } catch {
    // It ends when it likes, and its folder with it.
    return null;
  }
}
