// Every libc symbol that Fairlead calls, declared once. The only file besides tls/libssl.ts that
// knows koffi; everything unsafe is behind it.
//
// Each function returns what the manual page says, or a negative errno; none throws. Memory is
// passed by address, and only mapped memory (native-memory.ts) has one that stays put.

import koffi from "koffi";
import { SYS_IO_URING_ENTER, SYS_IO_URING_REGISTER, SYS_IO_URING_SETUP } from "./uring-abi.ts";

const libc = koffi.load(null);

// biome-ignore-start lint/suspicious/noExplicitAny: koffi types a native function no better
function declare<Signature extends (...args: any[]) => number>(definition: string): Signature {
  return libc.func(definition) as unknown as Signature;
}
// biome-ignore-end lint/suspicious/noExplicitAny: see above

const native = {
  accept4: declare<(fd: number, address: number, length: number, flags: number) => number>(
    "int accept4(int, uintptr_t, uintptr_t, int)",
  ),
  bind: declare<(fd: number, address: number, length: number) => number>(
    "int bind(int, uintptr_t, uint32_t)",
  ),
  close: declare<(fd: number) => number>("int close(int)"),
  connect: declare<(fd: number, address: number, length: number) => number>(
    "int connect(int, uintptr_t, uint32_t)",
  ),
  epollCreate1: declare<(flags: number) => number>("int epoll_create1(int)"),
  epollCtl: declare<(epoll: number, op: number, fd: number, event: number) => number>(
    "int epoll_ctl(int, int, int, uintptr_t)",
  ),
  epollWait: declare<(epoll: number, events: number, max: number, timeoutMs: number) => number>(
    "int epoll_wait(int, uintptr_t, int, int)",
  ),
  eventfd: declare<(initial: number, flags: number) => number>("int eventfd(uint32_t, int)"),
  exitAtOnce: declare<(code: number) => never>("void _exit(int)"),
  // Not variadic with an integer: the same registers, see `syscall` below.
  fcntl: declare<(fd: number, command: number, argument: number) => number>(
    "int fcntl(int, int, intptr_t)",
  ),
  gettid: declare<() => number>("int gettid()"),
  getpeername: declare<(fd: number, address: number, length: number) => number>(
    "int getpeername(int, uintptr_t, uintptr_t)",
  ),
  getsockname: declare<(fd: number, address: number, length: number) => number>(
    "int getsockname(int, uintptr_t, uintptr_t)",
  ),
  getsockopt: declare<
    (fd: number, level: number, name: number, value: number, length: number) => number
  >("int getsockopt(int, int, int, uintptr_t, uintptr_t)"),
  getrlimit: declare<(resource: number, limits: number) => number>("int getrlimit(int, uintptr_t)"),
  setrlimit: declare<(resource: number, limits: number) => number>("int setrlimit(int, uintptr_t)"),
  listen: declare<(fd: number, backlog: number) => number>("int listen(int, int)"),
  mmap: declare<
    (
      hint: number,
      length: number,
      protection: number,
      flags: number,
      fd: number,
      offset: number,
    ) => number
  >("intptr_t mmap(uintptr_t, size_t, int, int, int, int64_t)"),
  munmap: declare<(address: number, length: number) => number>("int munmap(uintptr_t, size_t)"),
  recv: declare<(fd: number, address: number, length: number, flags: number) => number>(
    "intptr_t recv(int, uintptr_t, size_t, int)",
  ),
  send: declare<(fd: number, address: number, length: number, flags: number) => number>(
    "intptr_t send(int, uintptr_t, size_t, int)",
  ),
  setsockopt: declare<
    (fd: number, level: number, name: number, value: number, length: number) => number
  >("int setsockopt(int, int, int, uintptr_t, uint32_t)"),
  shutdown: declare<(fd: number, how: number) => number>("int shutdown(int, int)"),
  socket: declare<(family: number, type: number, protocol: number) => number>(
    "int socket(int, int, int)",
  ),
  // Not variadic in the calling conventions of x86-64 and arm64 Linux: integers go into registers.
  syscall: declare<
    (number: number, a: number, b: number, c: number, d: number, e: number, f: number) => number
  >("intptr_t syscall(intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t)"),
  write: declare<(fd: number, address: number, length: number) => number>(
    "intptr_t write(int, uintptr_t, size_t)",
  ),
};

function negated(result: number): number {
  return result < 0 ? -koffi.errno() : result;
}

/** The memory at an address as an ArrayBuffer; nothing is copied and nothing is freed with it. */
export function viewOf(address: number, length: number): ArrayBuffer {
  return koffi.view(BigInt(address), length);
}

/**
 * accept(2) with flags; `address` and `length` point to a struct sockaddr and its uint32 length.
 */
export function accept4(fd: number, address: number, length: number, flags: number): number {
  return negated(native.accept4(fd, address, length, flags));
}

export function bind(fd: number, address: number, length: number): number {
  return negated(native.bind(fd, address, length));
}

export function close(fd: number): number {
  return negated(native.close(fd));
}

export function connect(fd: number, address: number, length: number): number {
  return negated(native.connect(fd, address, length));
}

export function epollCreate1(flags: number): number {
  return negated(native.epollCreate1(flags));
}

export function epollCtl(epoll: number, op: number, fd: number, event: number): number {
  return negated(native.epollCtl(epoll, op, fd, event));
}

export function epollWait(epoll: number, events: number, max: number, timeoutMs: number): number {
  return negated(native.epollWait(epoll, events, max, timeoutMs));
}

export function eventfd(initial: number, flags: number): number {
  return negated(native.eventfd(initial, flags));
}

/** Ends the process as it stands (_exit(2)): waits for no thread and runs nothing at exit. */
export function exitAtOnce(code: number): never {
  return native.exitAtOnce(code);
}

export function fcntl(fd: number, command: number, argument: number): number {
  return negated(native.fcntl(fd, command, argument));
}

/** The kernel's number of the thread that asks: its folder in /proc/self/task. */
export function gettid(): number {
  return native.gettid();
}

export function getpeername(fd: number, address: number, length: number): number {
  return negated(native.getpeername(fd, address, length));
}

export function getsockname(fd: number, address: number, length: number): number {
  return negated(native.getsockname(fd, address, length));
}

export function getsockopt(
  fd: number,
  level: number,
  name: number,
  value: number,
  length: number,
): number {
  return negated(native.getsockopt(fd, level, name, value, length));
}

export function getrlimit(resource: number, limits: number): number {
  return negated(native.getrlimit(resource, limits));
}

export function setrlimit(resource: number, limits: number): number {
  return negated(native.setrlimit(resource, limits));
}

export function listen(fd: number, backlog: number): number {
  return negated(native.listen(fd, backlog));
}

/** io_uring_setup(2): `params` points to a struct io_uring_params. */
export function ioUringSetup(entries: number, params: number): number {
  return negated(native.syscall(SYS_IO_URING_SETUP, entries, params, 0, 0, 0, 0));
}

/** io_uring_enter(2): `argument` points to a struct io_uring_getevents_arg of `size` bytes. */
export function ioUringEnter(
  ring: number,
  submit: number,
  waitFor: number,
  flags: number,
  argument: number,
  size: number,
): number {
  return negated(native.syscall(SYS_IO_URING_ENTER, ring, submit, waitFor, flags, argument, size));
}

/** io_uring_register(2) */
export function ioUringRegister(
  ring: number,
  operation: number,
  argument: number,
  count: number,
): number {
  return negated(native.syscall(SYS_IO_URING_REGISTER, ring, operation, argument, count, 0, 0));
}

/** mmap(2) at an address of the kernel's choice. */
export function mmap(
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
): number {
  return negated(native.mmap(0, length, protection, flags, fd, offset));
}

export function munmap(address: number, length: number): number {
  return negated(native.munmap(address, length));
}

export function recv(fd: number, address: number, length: number, flags: number): number {
  return negated(native.recv(fd, address, length, flags));
}

export function send(fd: number, address: number, length: number, flags: number): number {
  return negated(native.send(fd, address, length, flags));
}

export function setsockopt(
  fd: number,
  level: number,
  name: number,
  value: number,
  length: number,
): number {
  return negated(native.setsockopt(fd, level, name, value, length));
}

export function shutdown(fd: number, how: number): number {
  return negated(native.shutdown(fd, how));
}

export function socket(family: number, type: number, protocol: number): number {
  return negated(native.socket(family, type, protocol));
}

export function write(fd: number, address: number, length: number): number {
  return negated(native.write(fd, address, length));
}
