import { readFileSync, readSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AssertionFailure } from "../assert.ts";
import { EFD_NONBLOCK } from "./abi.ts";
import { close, eventfd, viewOf, write } from "./libc.ts";
import { mapDescriptor, mapMemory, unmapMemory } from "./native-memory.ts";

describe("mapMemory", () => {
  it("gives zeroed bytes whose address is theirs", () => {
    const memory = mapMemory(100_000);
    expect(memory.size).toBe(100_000);
    expect(memory.bytes).toHaveLength(100_000);
    expect(memory.bytes.every((byte) => byte === 0)).toBe(true);
    memory.bytes[99_999] = 7;
    expect(new Uint8Array(viewOf(memory.address + 99_999, 1))[0]).toBe(7);
    unmapMemory(memory);
  });

  it("is memory that the kernel reads at an offset", () => {
    const memory = mapMemory(4096);
    const fd = eventfd(0, EFD_NONBLOCK);
    memory.bytes[1000] = 42;
    expect(write(fd, memory.address + 1000, 8)).toBe(8);
    const count = new Uint8Array(8);
    expect(readSync(fd, count)).toBe(8);
    expect(count[0]).toBe(42);
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

  it("says so when it is more than a typed array holds", () => {
    expect(() => mapMemory(2 ** 32 + 1)).toThrow("Cannot map 4294967297 bytes of memory");
  });

  it("wants a size", () => {
    for (const size of [0, -1, 1.5, Number.NaN]) {
      expect(() => mapMemory(size)).toThrow(AssertionFailure);
    }
  });
});

describe("unmapMemory", () => {
  it("gives the address space back", () => {
    const before = mappedBytes();
    for (let i = 0; i < 20; i++) {
      const memory = mapMemory(2 ** 32);
      memory.bytes[i] = 1;
      unmapMemory(memory);
    }
    expect(mappedBytes() - before).toBeLessThan(2 ** 32);
  });
});

describe("mapDescriptor", () => {
  it("throws what the kernel says", () => {
    expect(() => mapDescriptor(-1, 4096, 0)).toThrow("Cannot map 4096 bytes: EBADF");
  });
});

function mappedBytes(): number {
  return statm(0);
}

function residentBytes(): number {
  return statm(1);
}

/** A column of proc_pid_statm(5), in bytes. */
function statm(column: number): number {
  const pages = readFileSync("/proc/self/statm", "utf8").split(" ")[column];
  return Number(pages) * 4096;
}
