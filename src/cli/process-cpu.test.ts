import { describe, expect, it } from "vitest";
import { readCpuTimes } from "./process-cpu.ts";

describe("readCpuTimes", () => {
  it("grows while a process works", () => {
    const { usedSeconds: before } = readCpuTimes(process.pid);
    let sum = 0;
    while (readCpuTimes(process.pid).usedSeconds === before) for (let i = 0; i < 1e6; i++) sum += i;
    const { usedSeconds, waitedSeconds } = readCpuTimes(process.pid);
    expect([usedSeconds > before, waitedSeconds >= 0, sum > 0]).toEqual([true, true, true]);
  });

  it("throws for a process that is not there", () => {
    expect(() => readCpuTimes(2 ** 22 + 1)).toThrow("ENOENT");
  });
});
