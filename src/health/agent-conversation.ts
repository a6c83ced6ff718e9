// Asks the program beside a server how the server is: connect, say what it wants to hear, read one
// line. Bounded by LINE_SIZE_MAX.

import { type AgentAnswer, parseAgentAnswer } from "./agent-answer.ts";
import {
  type Conversation,
  fails,
  joinBytes,
  LISTEN,
  showBytes,
  type Turn,
} from "./conversation.ts";

const LINE_SIZE_MAX = 1024;

export class AgentConversation implements Conversation {
  readonly awaited = "line of words";
  /** Set when the conversation has passed. */
  answer: AgentAnswer | null = null;
  private readonly send: string;
  private received: Uint8Array = new Uint8Array(0);

  /** @param send what is said first; empty: nothing */
  constructor(send: string) {
    this.send = send;
  }

  onConnect(): Turn {
    return { send: this.send === "" ? null : Buffer.from(this.send), finding: null };
  }

  onBytes(bytes: Uint8Array): Turn {
    this.received = joinBytes(this.received, bytes);
    const end = this.received.findIndex((byte) => byte === 0x0a || byte === 0x0d);
    if (end !== -1) return this.conclude(end);
    const isTooLong = this.received.length > LINE_SIZE_MAX;
    return isTooLong ? fails("L7RSP", `no line in the first ${LINE_SIZE_MAX} bytes`) : LISTEN;
  }

  onEnd(): Turn {
    return this.received.length === 0 ? LISTEN : this.conclude(this.received.length);
  }

  private conclude(end: number): Turn {
    const line = Buffer.from(this.received.subarray(0, end)).toString("utf8").trim();
    this.answer = parseAgentAnswer(line);
    if (this.answer === null) {
      return fails("L7RSP", `unknown words: ${showBytes(this.received.subarray(0, end))}`);
    }
    return { send: null, finding: { outcome: "passed", code: "L7OK", sentence: line } };
  }
}
