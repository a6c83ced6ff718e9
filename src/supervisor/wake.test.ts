import { describe, expect, it } from "vitest";
import { errno } from "../linux/abi.ts";
import { addressOf, read } from "../linux/libc.ts";
import { WakeBell } from "./wake.ts";

describe("WakeBell", () => {
  it("can be heard once for any number of rings", () => {
    const bell = new WakeBell();
    const heard = new BigUint64Array(1);
    bell.ring();
    bell.ring();
    expect(read(bell.fd, addressOf(heard), 8)).toBe(8);
    expect(heard[0]).toBe(2n);
    expect(read(bell.fd, addressOf(heard), 8)).toBe(-errno.EAGAIN);
    bell.close();
  });
});
