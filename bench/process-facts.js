// What the kernel says about processes, memory and the machine, read from /proc and /sys.

import { existsSync, readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";

/** Bytes of memory that a process alone has written to. @param {number} pid */
export function privateDirtyBytes(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return fieldKiB(text, "Private_Dirty") * 1024;
}

/** CPU time of a process's first thread: of Node's own loop. @param {number} pid @returns ms */
export function mainThreadMs(pid) {
  const [nanoseconds] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ");
  return Number(nanoseconds) / 1e6;
}

/**
 * Bytes of the kernel's own objects, and of socket buffers in use, on the whole machine.
 * @returns {{ slab: number, tcp: number }}
 */
export function kernelBytes() {
  const slab = fieldKiB(readFileSync("/proc/meminfo", "utf8"), "Slab") * 1024;
  const [, pages] = /^TCP: .*\bmem (\d+)/m.exec(readFileSync("/proc/net/sockstat", "utf8")) ?? [];
  return { slab, tcp: Number(pages ?? 0) * 4096 };
}

/** @param {string} text @param {string} name */
function fieldKiB(text, name) {
  const [, amount] = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text) ?? [];
  if (amount === undefined) throw new Error(`Cannot find ${name}`);
  return Number(amount);
}

/** Lines that say what it was measured on. */
export function describeMachine() {
  const siblings = "/sys/devices/system/cpu/cpu0/topology/thread_siblings_list";
  const shared = existsSync(siblings) ? readFileSync(siblings, "utf8").trim() : "unknown";
  return [
    `processor: ${cpus()[0]?.model.trim()}, ${cpus().length} seen (on the core of 0: ${shared})`,
    `memory: ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    `kernel: Linux ${release()}`,
    `Node.js: ${process.version}`,
  ];
}
