import { afterEach, describe, expect, it } from "vitest";
import { EPOLL_CTL_ADD, EPOLLIN } from "../linux/abi.ts";
import { close, epollCreate1, epollCtl, epollWait, eventfd } from "../linux/libc.ts";
import { EpollEvents } from "./epoll-events.ts";

describe("EpollEvents", () => {
  const opened: number[] = [];
  afterEach(() => {
    for (const fd of opened.splice(0)) close(fd);
  });

  it("reads back from the kernel what was registered", () => {
    const events = new EpollEvents(4, process.arch);
    const epoll = epollCreate1(0);
    const ready = [eventfd(1, 0), eventfd(1, 0)];
    opened.push(epoll, ...ready);
    for (const [i, fd] of ready.entries()) {
      const address = events.write(EPOLLIN, 0x80000000 + i, 0xfffffff0 + i);
      expect(epollCtl(epoll, EPOLL_CTL_ADD, fd, address)).toBe(0);
    }
    expect(epollWait(epoll, events.address, events.count, 0)).toBe(2);
    for (let i = 0; i < 2; i++) {
      expect(events.triggersOf(i)).toBe(EPOLLIN);
      expect(events.keyOf(i)).toBe(0x80000000 + i);
      expect(events.generationOf(i)).toBe(0xfffffff0 + i);
    }
    events.destroy();
  });
});
