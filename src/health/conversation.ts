// What a probe says and expects once it is connected, as a value: bytes in, a turn out.
// Interface only; probe-socket.ts holds the socket and the deadline, conversations hold neither.

import { type CheckCode, type CheckFinding, failure } from "./check-result.ts";

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
  /** The server has ended its side. Without a finding it ended too early. */
  onEnd(): Turn;
}

export const LISTEN: Turn = { send: null, finding: null };

/** What an answer may hold before it is judged as it stands, or judged too long. */
export const ANSWER_SIZE_MAX = 64 * 1024;

/** How much of a wrong answer a sentence shows. */
const SHOWN_BYTES_MAX = 8;

/** The turn of a conversation that failed: nothing more is said. */
export function fails(code: CheckCode, sentence: string): Turn {
  return { send: null, finding: failure(code, sentence) };
}

/** @returns `48 54 54 50 "HTTP"`: both forms, since a wrong port mostly answers in text */
export function showBytes(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, SHOWN_BYTES_MAX));
  const hex = start.toString("hex").replace(/..(?=.)/g, "$& ");
  const isText = start.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isText ? `${hex} "${start.toString("latin1")}"` : hex;
}

/** @returns `head` and `tail` in one array */
export function joinBytes(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}
