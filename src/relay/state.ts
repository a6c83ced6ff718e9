// The states of a connection, and which may follow which.
//
//   FREE → READING_PROXY_HEADER → READING_HELLO → SHAKING_HANDS → UPGRADING → READING_CONNECT
//                                                                                    │
//              FREE ← CLOSING ←──────── RELAYING ←──────── DIALLING ⇄ [WAITING] ←────┘
//                        ↑
//                    LINGERING
//
// The first five are as the listener has them: each may be passed over, and relay/steps.ts says
// which. Every state but FREE may end in CLOSING, and before that in LINGERING. From RELAYING back
// to DIALLING: a server that has gone before it said a word. From DIALLING back to WAITING: another
// server is wanted, and new clients are let in at a rate.
//
// Plain integers, because every event looks one up.

/** The slot belongs to nobody. */
export const FREE = 0;
/** The bytes so far are no whole PROXY header. */
export const READING_PROXY_HEADER = 1;
/** The bytes so far are no whole ClientHello. */
export const READING_HELLO = 2;
/** The TLS handshake with the client is under way. */
export const SHAKING_HANDS = 3;
/** The bytes so far are no whole request to speak WebSocket. */
export const UPGRADING = 4;
/** The bytes so far are no whole CONNECT. */
export const READING_CONNECT = 5;
/** Every server is full, or it is not its turn; the client waits, and what it sends is kept. */
export const WAITING = 6;
/** The CONNECT is kept and a server is being reached, or the pause before another attempt runs. */
export const DIALLING = 7;
/** Both sides are there and bytes move. */
export const RELAYING = 8;
/** Our last words to the client are on their way; what it still sends is thrown away. */
export const LINGERING = 9;
/** Closing both sockets; nothing but onClosed is expected. */
export const CLOSING = 10;

/** True before a server has been chosen; each such state is a stage of its own. */
export function isEarly(state: number): boolean {
  return state >= READING_PROXY_HEADER && state <= WAITING;
}

/** `TRANSITIONS[from]` has bit `to` set when that step is allowed. */
export const TRANSITIONS: readonly number[] = [
  bits(READING_PROXY_HEADER, READING_HELLO, UPGRADING, READING_CONNECT, DIALLING),
  bits(READING_HELLO, UPGRADING, READING_CONNECT, WAITING, DIALLING, LINGERING, CLOSING),
  bits(SHAKING_HANDS, WAITING, DIALLING, LINGERING, CLOSING),
  bits(UPGRADING, READING_CONNECT, WAITING, DIALLING, LINGERING, CLOSING),
  bits(READING_CONNECT, WAITING, DIALLING, LINGERING, CLOSING),
  bits(WAITING, DIALLING, LINGERING, CLOSING),
  bits(DIALLING, LINGERING, CLOSING),
  bits(WAITING, RELAYING, LINGERING, CLOSING),
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
