import { describe, expect, it } from "vitest";
import { readCpuSeconds } from "./process-cpu.ts";

describe("readCpuSeconds", () => {
  it("grows while a process works", () => {
    const before = readCpuSeconds(process.pid);
    let sum = 0;
    while (readCpuSeconds(process.pid) === before) for (let i = 0; i < 1e6; i++) sum += i;
    expect([readCpuSeconds(process.pid) > before, sum > 0]).toEqual([true, true]);
  });

  it("throws for a process that is not there", () => {
    expect(() => readCpuSeconds(2 ** 22 + 1)).toThrow("ENOENT");
  });
});
