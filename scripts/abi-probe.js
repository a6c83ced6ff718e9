// Asks a C compiler for what src/linux/abi.ts and uring-abi.ts declare: sizes, offsets, constants
// as the headers of Linux have them. Plain JavaScript, so that it runs before anything is built.
//
//   node scripts/abi-probe.js run gcc EPOLLIN epollEvent.size
//   node scripts/abi-probe.js read aarch64-linux-gnu-gcc EPOLLIN epollEvent.size
//
// `run` builds a program and runs it. `read` only compiles: each value becomes a line of the
// assembly, where it is read (the kernel's own asm-offsets does the same), so that the layout of a
// processor is known without having one. Prints JSON, name to number: constants by the names that C
// has for them, fields by the names in the table below. Keeps nothing; ends with 1 when a name is
// unknown or the compiler refuses.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const HEADERS = [
  "stddef.h",
  "stdio.h",
  "errno.h",
  "fcntl.h",
  "poll.h",
  "linux/io_uring.h",
  "netinet/in.h",
  "netinet/tcp.h",
  "sys/epoll.h",
  "sys/eventfd.h",
  "sys/mman.h",
  "sys/resource.h",
  "sys/socket.h",
  "sys/syscall.h",
  "sys/un.h",
];

/**
 * What C calls our structures and their fields; "off + 4" is the upper half of an `off` of 64 bits.
 * Offsets are in bytes, or in words of `unit` bytes; sizes always in bytes.
 * @type {Record<string, { type: string, unit?: number, fields: Record<string, string> }>}
 */
const STRUCTURES = {
  sockaddrIn: {
    type: "struct sockaddr_in",
    fields: { family: "sin_family", port: "sin_port", address: "sin_addr" },
  },
  sockaddrIn6: {
    type: "struct sockaddr_in6",
    fields: { family: "sin6_family", port: "sin6_port", address: "sin6_addr" },
  },
  sockaddrUn: { type: "struct sockaddr_un", fields: { family: "sun_family", path: "sun_path" } },
  linger: { type: "struct linger", fields: { onoff: "l_onoff", linger: "l_linger" } },
  rlimit: { type: "struct rlimit", fields: { current: "rlim_cur", maximum: "rlim_max" } },
  epollEvent: { type: "struct epoll_event", fields: { events: "events", data: "data" } },
  uringParams: {
    type: "struct io_uring_params",
    unit: 4,
    fields: {
      cqEntries: "cq_entries",
      flags: "flags",
      features: "features",
      sqHead: "sq_off.head",
      sqTail: "sq_off.tail",
      sqMask: "sq_off.ring_mask",
      sqEntries: "sq_off.ring_entries",
      sqFlags: "sq_off.flags",
      sqArray: "sq_off.array",
      cqHead: "cq_off.head",
      cqTail: "cq_off.tail",
      cqMask: "cq_off.ring_mask",
      cqCqes: "cq_off.cqes",
    },
  },
  uringSqe: {
    type: "struct io_uring_sqe",
    unit: 4,
    fields: {
      head: "opcode",
      fd: "fd",
      offsetLow: "off",
      offsetHigh: "off + 4",
      addressLow: "addr",
      addressHigh: "addr + 4",
      length: "len",
      operationFlags: "msg_flags",
      userDataLow: "user_data",
      userDataHigh: "user_data + 4",
      bufferGroup: "buf_group",
    },
  },
  uringCqe: {
    type: "struct io_uring_cqe",
    unit: 4,
    fields: {
      userDataLow: "user_data",
      userDataHigh: "user_data + 4",
      result: "res",
      flags: "flags",
    },
  },
  uringBuffer: {
    type: "struct io_uring_buf",
    fields: { address: "addr", length: "len", id: "bid", tail: "resv" },
  },
  uringBufferRegistration: {
    type: "struct io_uring_buf_reg",
    fields: { address: "ring_addr", entries: "ring_entries", group: "bgid" },
  },
  uringEnterArgument: { type: "struct io_uring_getevents_arg", fields: { timespec: "ts" } },
};

const MODES = { run: runProgram, read: readAssembly };

const [mode = "", compiler = "", ...names] = process.argv.slice(2);
const ask = MODES[/** @type {keyof typeof MODES} */ (mode)];
if (ask === undefined || compiler === "") {
  console.error("Usage: node scripts/abi-probe.js run|read COMPILER NAME...");
  process.exit(1);
}
try {
  const questions = names.map((name) => /** @type {const} */ ([name, expressionFor(name)]));
  console.log(JSON.stringify(ask(compiler, questions), null, 2));
} catch (error) {
  console.error(`Cannot ask ${compiler}: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

/** @param {string} name @returns {string} how C computes it */
function expressionFor(name) {
  // The headers write the numbers of system calls half in capitals.
  if (name.startsWith("SYS_")) return `SYS_${name.slice(4).toLowerCase()}`;
  if (/^[A-Z]\w*$/.test(name)) return name;
  const [structure = "", field = ""] = name.split(".");
  const row = STRUCTURES[structure];
  if (row !== undefined && field === "size") return `sizeof(${row.type})`;
  const place = row?.fields[field];
  if (row === undefined || place === undefined)
    throw new Error(`nothing in C is known for ${name}`);
  const [member, further = "0"] = place.split(" + ");
  return `(offsetof(${row.type}, ${member}) + ${further}) / ${row.unit ?? 1}`;
}

/** @typedef {readonly (readonly [name: string, expression: string])[]} Questions */

/** @param {string} compiler @param {Questions} questions */
function runProgram(compiler, questions) {
  const folder = mkdtempSync(join(tmpdir(), "abi-probe-"));
  try {
    const program = join(folder, "probe");
    const lines = questions.map(
      ([name, expression]) => `printf("->${name} %lld\\n", (long long)(${expression}));`,
    );
    compile(compiler, ["-o", program], lines);
    return answersIn(execFileSync(program, { encoding: "utf8" }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} compiler @param {Questions} questions */
function readAssembly(compiler, questions) {
  const lines = questions.map(
    ([name, expression]) => `__asm__("\\n#->${name} %0\\n" : : "i"((long long)(${expression})));`,
  );
  return answersIn(compile(compiler, ["-S", "-o", "-"], lines));
}

/**
 * Compiles a program of these statements.
 * @param {string} compiler @param {string[]} options @param {string[]} statements
 * @returns {string} what the compiler printed
 */
function compile(compiler, options, statements) {
  const includes = HEADERS.map((header) => `#include <${header}>`);
  const source = [...includes, "int main(void) {", ...statements, "return 0; }", ""].join("\n");
  const args = ["-std=gnu11", "-D_GNU_SOURCE", "-Werror", ...options, "-x", "c", "-"];
  return execFileSync(compiler, args, { input: source, encoding: "utf8", stdio: "pipe" });
}

/** @param {string} text @returns {Record<string, number>} */
function answersIn(text) {
  // Before a number, assemblers of x86 want a $, those of arm64 a # or nothing.
  const found = text.matchAll(/^#?->(\S+) [$#]?(-?\d+)$/gm);
  return Object.fromEntries([...found].map(([, name, value]) => [name, Number(value)]));
}
