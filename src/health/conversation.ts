// What a probe says and expects once it is connected, as a value: bytes in, a turn out.
// Interface only; probe-socket.ts holds the socket and the deadline, conversations hold neither.

import type { CheckFinding } from "./check-result.ts";

/** One turn: what to send, and what is known now. Both null: listen on. */
export interface Turn {
  readonly send: Uint8Array | null;
  /** When there is one the conversation is over: `send` is the goodbye. */
  readonly finding: CheckFinding | null;
}

export interface Conversation {
  /** What the server owes us now, for the sentence of a timeout: `CONNACK`. */
  readonly awaited: string;
  onConnect(): Turn;
  onBytes(bytes: Uint8Array): Turn;
}

export const LISTEN: Turn = { send: null, finding: null };
