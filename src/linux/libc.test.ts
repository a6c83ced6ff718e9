import { readSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  AF_INET,
  EFD_NONBLOCK,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLLIN,
  EPOLLOUT,
  epollEventLayout,
  errno,
  F_GETFL,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  PROT_READ,
  RLIMIT_NOFILE,
  rlimit,
  SHUT_WR,
  SO_ERROR,
  SOCK_STREAM,
  SOL_SOCKET,
} from "./abi.ts";
import * as libc from "./libc.ts";
import { mapMemory, unmapMemory } from "./native-memory.ts";

const NO_FD = -1;
const { bytes: scratch, address: at } = mapMemory(4096);
const longs = new BigUint64Array(scratch.buffer);
const layout = epollEventLayout(process.arch);
/** Kernels and container run-times differ on what they say first. */
const URING = [errno.EBADF, errno.EINVAL, errno.ENOSYS, errno.EPERM];

function putEvent(events: number, key: number): void {
  const view = new DataView(scratch.buffer);
  view.setUint32(layout.events, events, true);
  view.setUint32(layout.data, key, true);
}

describe("every function of libc", () => {
  // On a descriptor, an address or a number that cannot be right.
  const failures = [
    ["accept4", () => libc.accept4(NO_FD, 0, 0, 0), errno.EBADF],
    ["bind", () => libc.bind(NO_FD, at, 16), errno.EBADF],
    ["close", () => libc.close(NO_FD), errno.EBADF],
    ["connect", () => libc.connect(NO_FD, at, 16), errno.EBADF],
    ["epollCreate1", () => libc.epollCreate1(1), errno.EINVAL],
    ["epollCtl", () => libc.epollCtl(NO_FD, EPOLL_CTL_ADD, NO_FD, at), errno.EBADF],
    ["epollWait", () => libc.epollWait(NO_FD, at, 1, 0), errno.EBADF],
    ["eventfd", () => libc.eventfd(0, 0x7fff_0000), errno.EINVAL],
    ["getpeername", () => libc.getpeername(NO_FD, at, at), errno.EBADF],
    ["getsockname", () => libc.getsockname(NO_FD, at, at), errno.EBADF],
    ["getsockopt", () => libc.getsockopt(NO_FD, SOL_SOCKET, SO_ERROR, at, at), errno.EBADF],
    ["getrlimit", () => libc.getrlimit(1_000, at), errno.EINVAL],
    ["setrlimit", () => libc.setrlimit(1_000, at), errno.EINVAL],
    ["listen", () => libc.listen(NO_FD, 1), errno.EBADF],
    ["munmap", () => libc.munmap(1, 4096), errno.EINVAL],
    ["recv", () => libc.recv(NO_FD, at, 1, 0), errno.EBADF],
    ["send", () => libc.send(NO_FD, at, 1, MSG_NOSIGNAL), errno.EBADF],
    ["setsockopt", () => libc.setsockopt(NO_FD, SOL_SOCKET, SO_ERROR, at, 4), errno.EBADF],
    ["shutdown", () => libc.shutdown(NO_FD, SHUT_WR), errno.EBADF],
    ["socket", () => libc.socket(AF_INET, SOCK_STREAM, 999), errno.EINVAL],
    ["fcntl", () => libc.fcntl(NO_FD, F_GETFL, 0), errno.EBADF],
    ["ioUringSetup", () => libc.ioUringSetup(0, at), URING],
    ["ioUringEnter", () => libc.ioUringEnter(NO_FD, 0, 0, 0, 0, 0), URING],
    ["ioUringRegister", () => libc.ioUringRegister(NO_FD, 0, 0, 0), URING],
    ["mmap", () => libc.mmap(0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, NO_FD, 0), errno.EINVAL],
    ["write", () => libc.write(NO_FD, at, 1), errno.EBADF],
  ] as const;

  it.each(failures)("answers a failure with a negative errno: %s", (_name, call, expected) => {
    expect([expected].flat()).toContain(-call());
  });

  it("is in that list", () => {
    const cannotFail = ["viewOf", "exitAtOnce", "gettid"];
    const names = Object.keys(libc).filter((name) => !cannotFail.includes(name));
    expect(failures.map(([name]) => name).sort()).toEqual(names.sort());
  });
});

describe("write", () => {
  it("moves bytes from mapped memory to an eventfd", () => {
    const fd = libc.eventfd(0, EFD_NONBLOCK);
    expect(fd).toBeGreaterThan(2);
    longs[0] = 7n;
    expect(libc.write(fd, at, 8)).toBe(8);
    expect(libc.write(fd, at, 8)).toBe(8);
    const count = new BigInt64Array(1);
    expect(readSync(fd, count)).toBe(8);
    expect(count[0]).toBe(14n);
    expect(libc.close(fd)).toBe(0);
    expect(libc.close(fd)).toBe(-errno.EBADF);
  });
});

describe("epollWait", () => {
  it("brings the events and the key that epollCtl was given", () => {
    const [epoll, fd] = [libc.epollCreate1(0), libc.eventfd(0, EFD_NONBLOCK)];
    putEvent(EPOLLIN, 0xabcd_1234);
    expect(libc.epollCtl(epoll, EPOLL_CTL_ADD, fd, at)).toBe(0);
    expect(libc.epollCtl(epoll, EPOLL_CTL_ADD, fd, at)).toBe(-errno.EEXIST);
    expect(libc.epollWait(epoll, at, 1, 0)).toBe(0);
    longs[0] = 1n;
    libc.write(fd, at, 8);
    scratch.fill(0);
    expect(libc.epollWait(epoll, at, 1, -1)).toBe(1);
    const view = new DataView(scratch.buffer);
    expect(view.getUint32(layout.events, true)).toBe(EPOLLIN);
    expect(view.getUint32(layout.data, true)).toBe(0xabcd_1234);
    expect(libc.epollCtl(epoll, EPOLL_CTL_DEL, fd, at)).toBe(0);
    putEvent(EPOLLOUT, 1);
    expect(libc.epollCtl(epoll, EPOLL_CTL_ADD, fd, at)).toBe(0);
    expect(libc.epollWait(epoll, at, 1, -1)).toBe(1);
    expect(view.getUint32(layout.events, true)).toBe(EPOLLOUT);
    expect(libc.epollCtl(epoll, EPOLL_CTL_DEL, fd, at)).toBe(0);
    expect(libc.epollCtl(epoll, EPOLL_CTL_DEL, fd, at)).toBe(-errno.ENOENT);
    expect([libc.close(epoll), libc.close(fd)]).toEqual([0, 0]);
  });

  it("fills an array of events in the layout of abi.ts", () => {
    const epoll = libc.epollCreate1(0);
    const fds = [0, 1, 2].map(() => libc.eventfd(1, EFD_NONBLOCK));
    for (const [key, fd] of fds.entries()) {
      putEvent(EPOLLIN, 100 + key);
      libc.epollCtl(epoll, EPOLL_CTL_ADD, fd, at);
    }
    expect(libc.epollWait(epoll, at, 3, 0)).toBe(3);
    const view = new DataView(scratch.buffer);
    const keys = [0, 1, 2].map((i) => view.getUint32(i * layout.size + layout.data, true));
    expect(keys.sort()).toEqual([100, 101, 102]);
    for (const fd of [epoll, ...fds]) libc.close(fd);
  });
});

describe("getrlimit", () => {
  it("writes a struct rlimit as abi.ts has it", () => {
    expect(libc.getrlimit(RLIMIT_NOFILE, at)).toBe(0);
    const view = new DataView(scratch.buffer);
    const current = view.getBigUint64(rlimit.current, true);
    expect(current).toBeGreaterThan(0n);
    expect(view.getBigUint64(rlimit.maximum, true)).toBeGreaterThanOrEqual(current);
    expect(libc.setrlimit(RLIMIT_NOFILE, at)).toBe(0);
  });
});

describe("viewOf", () => {
  it("is the memory itself, from any address in it", () => {
    const memory = mapMemory(4096);
    const view = new Uint8Array(libc.viewOf(memory.address + 10, 5));
    view[0] = 77;
    expect(memory.bytes[10]).toBe(77);
    memory.bytes[14] = 88;
    expect(view[4]).toBe(88);
    unmapMemory(memory);
  });
});

describe("recv", () => {
  it("says what a descriptor is not", () => {
    const fd = libc.eventfd(0, EFD_NONBLOCK);
    expect(libc.recv(fd, at, 1, MSG_DONTWAIT)).toBe(-88); // ENOTSOCK, which nothing else needs
    libc.close(fd);
  });
});
