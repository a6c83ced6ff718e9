import { readSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { WakeBell } from "./wake.ts";

describe("WakeBell", () => {
  it("can be heard once for any number of rings", () => {
    const bell = new WakeBell();
    const heard = new Uint8Array(8);
    bell.ring();
    bell.ring();
    expect(readSync(bell.fd, heard)).toBe(8);
    expect(heard[0]).toBe(2);
    expect(() => readSync(bell.fd, heard)).toThrow("EAGAIN");
    bell.close();
  });
});
