// One io_uring: its queues mapped into memory and indexed by words.
//
// Submissions are written by `submit` and handed over by the next `enter`; completions are read
// between `beginBatch` and `endBatch`. Heads and tails are published through Atomics, which
// order them against the entries on every processor. Knows nothing of sockets.

import { assert } from "../assert.ts";
import { errno, errnoName } from "../linux/abi.ts";
import { ioUringEnter, ioUringRegister, ioUringSetup } from "../linux/libc.ts";
import {
  mapDescriptor,
  mapMemory,
  type NativeMemory,
  unmapMemory,
} from "../linux/native-memory.ts";
import {
  IORING_ENTER_EXT_ARG,
  IORING_ENTER_GETEVENTS,
  IORING_OFF_SQ_RING,
  IORING_OFF_SQES,
  IORING_REGISTER_PBUF_RING,
  IORING_SETUP_CQSIZE,
  IORING_SETUP_DEFER_TASKRUN,
  IORING_SETUP_SINGLE_ISSUER,
  IORING_SETUP_SUBMIT_ALL,
  uringBufferRegistration,
  uringCqe,
  uringEnterArgument,
  uringParams,
  uringSqe,
} from "../linux/uring-abi.ts";
import { closeDescriptor } from "./close-descriptor.ts";

/** Submissions that may stand in the queue before they are handed over early. */
const SUBMISSIONS = 2048;
/** Completions the kernel may leave for one turn before it keeps them aside itself. */
const COMPLETIONS = 8192;

const SQE_WORDS = uringSqe.size / 4;
const CQE_WORDS = uringCqe.size / 4;
// Scratch of one page: the parameters first, then the argument of enter and its timespec.
const ARGUMENT_AT = 256;
const TIMESPEC_AT = 320;

/**
 * The kernel, or whoever limits us, does not let us use io_uring; `message` says what to change.
 */
export class UringRefused extends Error {
  override readonly name = "UringRefused";
}

export class UringRing {
  /** Words of all submission entries. */
  readonly sqes: Uint32Array;
  /** Words of all completion entries; index with `completionAt`. */
  readonly cqes: Uint32Array;
  /** The ring's own descriptor. */
  readonly fd: number;
  readonly #scratch: NativeMemory;
  readonly #argument: number;
  /** Seconds in word 0, nanoseconds in word 2. */
  readonly #timespec: Uint32Array;
  readonly #rings: NativeMemory;
  readonly #entries: NativeMemory;
  readonly #words: Uint32Array;
  readonly #sqHead: number;
  readonly #sqTail: number;
  readonly #sqMask: number;
  readonly #cqHead: number;
  readonly #cqTail: number;
  readonly #cqMask: number;
  readonly #cqes: number;
  // Positions wrap as the kernel's do, in 32 bits: signed here, which V8 keeps unboxed for ever.
  /** Submissions written; published when they are handed over. */
  #tail = 0;
  #submitted = 0;
  #batchHead = 0;

  constructor() {
    this.#scratch = mapMemory(4096);
    const params = new Uint32Array(this.#scratch.bytes.buffer, 0, uringParams.size / 4);
    params[uringParams.flags] =
      IORING_SETUP_CQSIZE |
      IORING_SETUP_SUBMIT_ALL |
      IORING_SETUP_SINGLE_ISSUER |
      IORING_SETUP_DEFER_TASKRUN;
    params[uringParams.cqEntries] = COMPLETIONS;
    this.fd = ioUringSetup(SUBMISSIONS, this.#scratch.address);
    if (this.fd < 0) {
      unmapMemory(this.#scratch);
      throw new UringRefused(refusal(this.fd));
    }
    const cqes = params[uringParams.cqCqes]!;
    const array = params[uringParams.sqArray]!;
    // The two rings share one mapping (IORING_FEAT_SINGLE_MMAP, Linux 5.4), in no stated order.
    const end = Math.max(cqes + COMPLETIONS * uringCqe.size, array + SUBMISSIONS * 4);
    this.#rings = mapDescriptor(this.fd, end, IORING_OFF_SQ_RING);
    this.#entries = mapDescriptor(this.fd, SUBMISSIONS * uringSqe.size, IORING_OFF_SQES);
    this.#words = new Uint32Array(this.#rings.bytes.buffer);
    this.sqes = new Uint32Array(this.#entries.bytes.buffer);
    this.cqes = this.#words;
    this.#cqes = cqes >> 2;
    this.#sqHead = params[uringParams.sqHead]! >> 2;
    this.#sqTail = params[uringParams.sqTail]! >> 2;
    this.#cqHead = params[uringParams.cqHead]! >> 2;
    this.#cqTail = params[uringParams.cqTail]! >> 2;
    this.#sqMask = this.#words[params[uringParams.sqMask]! >> 2]!;
    this.#cqMask = this.#words[params[uringParams.cqMask]! >> 2]!;
    // Entry i of the queue is always entry i of the array: the indirection is not used.
    for (let i = 0; i < SUBMISSIONS; i++) this.#words[(array >> 2) + i] = i;
    this.#argument = this.#scratch.address + ARGUMENT_AT;
    this.#timespec = new Uint32Array(this.#scratch.bytes.buffer, TIMESPEC_AT, 4);
    const argument = new BigUint64Array(this.#scratch.bytes.buffer, ARGUMENT_AT, 3);
    argument[uringEnterArgument.timespec / 8] = BigInt(this.#scratch.address + TIMESPEC_AT);
  }

  /** Registers a ring of buffers for the kernel to choose from. `entries` is a power of two. */
  registerBuffers(address: number, entries: number, group: number): void {
    const at = ARGUMENT_AT * 2;
    const view = new DataView(this.#scratch.bytes.buffer, at, uringBufferRegistration.size);
    view.setBigUint64(uringBufferRegistration.address, BigInt(address), true);
    view.setUint32(uringBufferRegistration.entries, entries, true);
    view.setUint16(uringBufferRegistration.group, group, true);
    const result = ioUringRegister(
      this.fd,
      IORING_REGISTER_PBUF_RING,
      this.#scratch.address + at,
      1,
    );
    if (result < 0) {
      throw new UringRefused(`the kernel has no provided-buffer rings (${errnoName(result)})`);
    }
  }

  /**
   * Writes one submission, which the next `enter` hands over. Fields as in struct io_uring_sqe, by
   * position because an object per submission would be garbage per submission.
   * @param head opcode, flags << 8 and ioprio << 16
   */
  submit(
    head: number,
    fd: number,
    offset: number,
    address: number,
    length: number,
    operationFlags: number,
    userDataLow: number,
    userDataHigh: number,
    bufferGroup: number,
  ): void {
    if (this.#waiting === SUBMISSIONS) {
      this.#handOver(0, 0, 0, 0);
      assert(this.#waiting < SUBMISSIONS, "the kernel takes what is handed over");
    }
    const { sqes } = this;
    const at = (this.#tail & this.#sqMask) * SQE_WORDS;
    this.#tail = (this.#tail + 1) | 0;
    sqes[at + uringSqe.head] = head;
    sqes[at + uringSqe.fd] = fd;
    sqes[at + uringSqe.offsetLow] = offset;
    sqes[at + uringSqe.offsetHigh] = offset / 2 ** 32;
    sqes[at + uringSqe.addressLow] = address;
    sqes[at + uringSqe.addressHigh] = address / 2 ** 32;
    sqes[at + uringSqe.length] = length;
    sqes[at + uringSqe.operationFlags] = operationFlags;
    sqes[at + uringSqe.userDataLow] = userDataLow;
    sqes[at + uringSqe.userDataHigh] = userDataHigh;
    sqes[at + uringSqe.bufferGroup] = bufferGroup;
    for (let word = uringSqe.bufferGroup + 1; word < SQE_WORDS; word++) sqes[at + word] = 0;
  }

  /** Hands submissions over and waits for at most `waitMs` (-1: no limit) for a completion. */
  enter(waitMs: number): void {
    if (waitMs < 0) {
      this.#handOver(1, IORING_ENTER_GETEVENTS, 0, 0);
      return;
    }
    const flags = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG;
    this.#setTimeout(waitMs);
    this.#handOver(waitMs === 0 ? 0 : 1, flags, this.#argument, uringEnterArgument.size);
  }

  /** @returns how many completions are there; they stay until `endBatch` */
  beginBatch(): number {
    this.#batchHead = this.#words[this.#cqHead]! | 0;
    return (Atomics.load(this.#words, this.#cqTail) - this.#batchHead) | 0;
  }

  /** @returns the first word, in `cqes`, of completion `index` of the batch */
  completionAt(index: number): number {
    return this.#cqes + ((this.#batchHead + index) & this.#cqMask) * CQE_WORDS;
  }

  endBatch(count: number): void {
    Atomics.store(this.#words, this.#cqHead, this.#batchHead + count);
  }

  destroy(): void {
    closeDescriptor(this.fd);
    unmapMemory(this.#entries);
    unmapMemory(this.#rings);
    unmapMemory(this.#scratch);
  }

  /** Submissions written and not handed over. */
  get #waiting(): number {
    return (this.#tail - this.#submitted) | 0;
  }

  #handOver(waitFor: number, flags: number, argument: number, size: number): void {
    Atomics.store(this.#words, this.#sqTail, this.#tail);
    const count = this.#waiting;
    const result = ioUringEnter(this.fd, count, waitFor, flags, argument, size);
    // An answer about the wait says nothing of what was taken: then the head does.
    this.#submitted = result === count ? this.#tail : Atomics.load(this.#words, this.#sqHead) | 0;
    const expected =
      result >= 0 ||
      result === -errno.ETIME ||
      result === -errno.EINTR ||
      result === -errno.EBUSY ||
      result === -errno.EAGAIN;
    assert(expected, "io_uring_enter fails only by time, a signal or a full completion queue");
  }

  #setTimeout(waitMs: number): void {
    this.#timespec[0] = waitMs / 1000;
    this.#timespec[2] = (waitMs % 1000) * 1e6;
  }
}

function refusal(result: number): string {
  if (result === -errno.ENOSYS) return "the kernel has no io_uring; Linux 6.1 or later has";
  if (result === -errno.EINVAL)
    return "the kernel's io_uring is too old; Linux 6.1 or later is needed";
  if (result === -errno.EPERM || result === -errno.EACCES) {
    return "io_uring is forbidden here; see sysctl kernel.io_uring_disabled and seccomp profiles";
  }
  return `io_uring cannot be set up (${errnoName(result)})`;
}
