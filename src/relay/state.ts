// The states of a connection, and which may follow which.
//
//   FREE → READING_CONNECT → DIALLING → RELAYING → CLOSING → FREE
//               │               │          │          ↑
//               └───────────────┴──────────┴→ LINGERING
//
// From RELAYING back to DIALLING: a server that has gone before it said a word.
//
// Plain integers, because every event looks one up.

/** The slot belongs to nobody. */
export const FREE = 0;
/** Accepted; the bytes so far are no whole CONNECT. */
export const READING_CONNECT = 1;
/** The CONNECT is kept and a server is being reached, or the pause before another attempt runs. */
export const DIALLING = 2;
/** Both sides are there and bytes move. */
export const RELAYING = 3;
/** Our last words to the client are on their way; what it still sends is thrown away. */
export const LINGERING = 4;
/** Closing both sockets; nothing but onClosed is expected. */
export const CLOSING = 5;

export const STATE_NAMES = [
  "free",
  "reading-connect",
  "dialling",
  "relaying",
  "lingering",
  "closing",
] as const;

/** `TRANSITIONS[from]` has bit `to` set when that step is allowed. */
export const TRANSITIONS: readonly number[] = [
  bits(READING_CONNECT),
  bits(DIALLING, LINGERING, CLOSING),
  bits(RELAYING, LINGERING, CLOSING),
  bits(DIALLING, LINGERING, CLOSING),
  bits(CLOSING),
  bits(FREE),
];

export function mayFollow(from: number, to: number): boolean {
  return (TRANSITIONS[from]! & (1 << to)) !== 0;
}

function bits(...states: readonly number[]): number {
  return states.reduce((mask, state) => mask | (1 << state), 0);
}
