// What reading a PROXY header concludes; anything above zero is the header's size in bytes.
// Constants only: the closed set that read.ts, read-v1.ts and read-v2.ts answer with.

/** Nothing is wrong so far, and the header is not complete. */
export const NEED_MORE = 0;
/** The first bytes are of no PROXY header: known from the first byte that differs. */
export const NOT_PROXY_HEADER = -1;
/** It began as a header and breaks a rule of the specification, or says UDP. */
export const MALFORMED = -2;
/** Longer than a header may be, declared or in fact. */
export const TOO_LARGE = -3;
/** The checksum that it carries is not its own. */
export const BAD_CHECKSUM = -4;
