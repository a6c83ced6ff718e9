import { describe, expect, it } from "vitest";
import { AssertionFailure } from "../assert.ts";
import { eventfd } from "../linux/libc.ts";
import { closeDescriptor } from "./close-descriptor.ts";

describe("closeDescriptor", () => {
  it("closes once, and notices a second time", () => {
    const fd = eventfd(0, 0);
    closeDescriptor(fd);
    expect(() => closeDescriptor(fd)).toThrow(AssertionFailure);
  });
});
