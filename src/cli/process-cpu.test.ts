import { describe, expect, it } from "vitest";
import { readCpuTimes } from "./process-cpu.ts";

describe("readCpuTimes", () => {
  it("grows while a process works", () => {
    const { usedSeconds: before } = readCpuTimes(process.pid);
    let { usedSeconds, waitedSeconds } = readCpuTimes(process.pid);
    while (usedSeconds === before) ({ usedSeconds, waitedSeconds } = readCpuTimes(process.pid));
    expect([usedSeconds > before, waitedSeconds >= 0]).toEqual([true, true]);
  });

  it("throws for a process that is not there", () => {
    expect(() => readCpuTimes(2 ** 22 + 1)).toThrow("ENOENT");
  });
});
