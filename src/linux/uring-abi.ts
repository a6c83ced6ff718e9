// io_uring's constants and structure layouts (linux/io_uring.h), the same on x86-64 and arm64. Word
// positions are of 32-bit words, the way typed arrays reach them; scripts/abi-probe.js compares
// them with the C compiler's.

export const SYS_IO_URING_SETUP = 425;
export const SYS_IO_URING_ENTER = 426;
export const SYS_IO_URING_REGISTER = 427;

export const IORING_SETUP_CQSIZE = 1 << 3;
export const IORING_SETUP_SUBMIT_ALL = 1 << 7;
export const IORING_SETUP_SINGLE_ISSUER = 1 << 12;
export const IORING_SETUP_DEFER_TASKRUN = 1 << 13;

export const IORING_ENTER_GETEVENTS = 1 << 0;
export const IORING_ENTER_EXT_ARG = 1 << 3;

export const IORING_OFF_SQ_RING = 0;
export const IORING_OFF_SQES = 0x10000000;

export const IORING_REGISTER_PBUF_RING = 22;

export const IORING_OP_POLL_ADD = 6;
export const IORING_OP_ACCEPT = 13;
export const IORING_OP_ASYNC_CANCEL = 14;
export const IORING_OP_CONNECT = 16;
export const IORING_OP_CLOSE = 19;
export const IORING_OP_SEND = 26;
export const IORING_OP_RECV = 27;

export const IOSQE_BUFFER_SELECT = 1 << 5;
export const IOSQE_CQE_SKIP_SUCCESS = 1 << 6;

export const IORING_ASYNC_CANCEL_ALL = 1 << 0;
export const IORING_ASYNC_CANCEL_FD = 1 << 1;
export const IORING_POLL_ADD_MULTI = 1 << 0;
export const IORING_ACCEPT_MULTISHOT = 1 << 0;
export const IORING_RECVSEND_POLL_FIRST = 1 << 0;
export const IORING_RECV_MULTISHOT = 1 << 1;

export const IORING_CQE_F_BUFFER = 1 << 0;
export const IORING_CQE_F_MORE = 1 << 1;
export const IORING_CQE_BUFFER_SHIFT = 16;

/** struct io_uring_params: word positions. */
export const uringParams = {
  size: 120,
  cqEntries: 1,
  flags: 2,
  features: 5,
  sqHead: 10,
  sqTail: 11,
  sqMask: 12,
  sqEntries: 13,
  sqFlags: 14,
  sqArray: 16,
  cqHead: 20,
  cqTail: 21,
  cqMask: 22,
  cqCqes: 25,
} as const;

/** struct io_uring_sqe: word positions; words 0 and 10 hold several fields, see below. */
export const uringSqe = {
  size: 64,
  /** opcode in bits 0 to 7, flags in 8 to 15, ioprio in 16 to 31 */
  head: 0,
  fd: 1,
  offsetLow: 2,
  offsetHigh: 3,
  addressLow: 4,
  addressHigh: 5,
  length: 6,
  operationFlags: 7,
  userDataLow: 8,
  userDataHigh: 9,
  /** buf_group in bits 0 to 15 */
  bufferGroup: 10,
} as const;

/** struct io_uring_cqe: word positions. */
export const uringCqe = { size: 16, userDataLow: 0, userDataHigh: 1, result: 2, flags: 3 } as const;

/** struct io_uring_buf: byte positions; the tail of the ring lies over the first one's `resv`. */
export const uringBuffer = { size: 16, address: 0, length: 8, id: 12, tail: 14 } as const;

/** struct io_uring_buf_reg: byte positions. */
export const uringBufferRegistration = { size: 40, address: 0, entries: 8, group: 12 } as const;

/** struct io_uring_getevents_arg: byte positions; `timespec` is an address. */
export const uringEnterArgument = { size: 24, timespec: 16 } as const;
