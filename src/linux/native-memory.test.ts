import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AssertionFailure } from "../assert.ts";
import { EFD_NONBLOCK } from "./abi.ts";
import { addressOf, close, eventfd, read, write } from "./libc.ts";
import { mapMemory, unmapMemory } from "./native-memory.ts";

describe("mapMemory", () => {
  it("gives zeroed bytes whose address is theirs", () => {
    const memory = mapMemory(100_000);
    expect(memory.size).toBe(100_000);
    expect(memory.bytes).toHaveLength(100_000);
    expect(memory.bytes.every((byte) => byte === 0)).toBe(true);
    expect(addressOf(memory.bytes)).toBe(memory.address);
    unmapMemory(memory);
  });

  it("is memory that the kernel reads and writes at an offset", () => {
    const memory = mapMemory(4096);
    const fd = eventfd(0, EFD_NONBLOCK);
    memory.bytes[1000] = 42;
    expect(write(fd, memory.address + 1000, 8)).toBe(8);
    expect(read(fd, memory.address + 2000, 8)).toBe(8);
    expect(memory.bytes[2000]).toBe(42);
    close(fd);
    unmapMemory(memory);
  });

  it("costs nothing until it is touched", () => {
    const before = residentBytes();
    const memory = mapMemory(2 ** 32);
    memory.bytes[2 ** 31] = 1;
    expect(residentBytes() - before).toBeLessThan(2 ** 28);
    unmapMemory(memory);
  });

  it("says so when there is no room", () => {
    expect(() => mapMemory(2 ** 52)).toThrow(/^Cannot map 4503599627370496 bytes.*: ENOMEM$/);
  });

  it("wants a size", () => {
    for (const size of [0, -1, 1.5, Number.NaN]) {
      expect(() => mapMemory(size)).toThrow(AssertionFailure);
    }
  });
});

describe("unmapMemory", () => {
  it("gives the address space back", () => {
    for (let i = 0; i < 200; i++) {
      const memory = mapMemory(2 ** 40);
      memory.bytes[i] = 1;
      unmapMemory(memory);
    }
  });
});

function residentBytes(): number {
  const [, pages] = readFileSync("/proc/self/statm", "utf8").split(" ");
  return Number(pages) * 4096;
}
