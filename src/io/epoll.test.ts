import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EPOLLIN, errno } from "../linux/abi.ts";
import { close, eventfd } from "../linux/libc.ts";
import { Epoll } from "./epoll.ts";

describe("Epoll", () => {
  let epoll: Epoll;
  let ready: number[];
  beforeEach(() => {
    epoll = new Epoll(4, process.arch);
    ready = [eventfd(1, 0), eventfd(1, 0)];
    for (const [i, fd] of ready.entries()) {
      expect(epoll.watch(fd, EPOLLIN, 0x80000000 + i, 0xfffffff0 + i)).toBe(0);
    }
  });
  afterEach(() => {
    for (const fd of ready) close(fd);
    epoll.destroy();
  });

  it("reads back from the kernel what was registered", () => {
    expect(epoll.wait(0)).toBe(2);
    for (let i = 0; i < 2; i++) {
      expect(epoll.triggersOf(i)).toBe(EPOLLIN);
      expect(epoll.keyOf(i)).toBe(0x80000000 + i);
      expect(epoll.generationOf(i)).toBe(0xfffffff0 + i);
    }
  });

  it("registers without disturbing events that are half walked", () => {
    const fds = [2, 3, 4].map(() => eventfd(1, 0));
    ready.push(...fds);
    for (const fd of fds.slice(0, 2)) epoll.watch(fd, EPOLLIN, fd, 0);
    expect(epoll.wait(0)).toBe(4);
    const keys = () => [0, 1, 2, 3].map((i) => epoll.keyOf(i));
    const before = keys();
    expect(epoll.watch(fds[2]!, EPOLLIN, 7, 7)).toBe(0);
    expect(keys()).toEqual(before);
    expect(epoll.wait(0)).toBe(4);
  });

  it("says why something cannot be watched", () => {
    expect(epoll.watch(ready[0]!, EPOLLIN, 0, 0)).toBe(-errno.EEXIST);
    expect(epoll.watch(-1, EPOLLIN, 0, 0)).toBe(-errno.EBADF);
  });

  it("says nothing more of what it watches no longer", () => {
    epoll.unwatch(ready[0]!);
    expect(epoll.wait(0)).toBe(1);
    expect(epoll.keyOf(0)).toBe(0x80000001);
  });
});
