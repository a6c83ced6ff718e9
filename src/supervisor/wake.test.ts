import { describe, expect, it } from "vitest";
import { errno } from "../linux/abi.ts";
import { read } from "../linux/libc.ts";
import { mapMemory } from "../linux/native-memory.ts";
import { WakeBell } from "./wake.ts";

describe("WakeBell", () => {
  it("can be heard once for any number of rings", () => {
    const bell = new WakeBell();
    const heard = mapMemory(8);
    bell.ring();
    bell.ring();
    expect(read(bell.fd, heard.address, 8)).toBe(8);
    expect(heard.bytes[0]).toBe(2);
    expect(read(bell.fd, heard.address, 8)).toBe(-errno.EAGAIN);
    bell.close();
  });
});
