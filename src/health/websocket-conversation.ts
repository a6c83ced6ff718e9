// Holds another conversation inside WebSocket (RFC 6455), as a client: upgrade, binary frames,
// close. For checks of servers that take MQTT through WebSocket only.
//
// Bounded by ANSWER_SIZE_MAX for the answer to the upgrade and for what is kept of a frame. Bytes
// of MQTT are handed on as frames complete; pings are answered, fragments are joined as they come.

import { createHash } from "node:crypto";
import type { WebSocketServerPlan } from "../shm/plan.ts";
import {
  ANSWER_SIZE_MAX,
  type Conversation,
  fails,
  joinBytes,
  LISTEN,
  showBytes,
  type Turn,
} from "./conversation.ts";
import { HttpAnswer } from "./http-answer.ts";

const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const KEY_SIZE = 16;
const MASK_SIZE = 4;
const OPCODE_CONTINUATION = 0;
const OPCODE_BINARY = 2;
const OPCODE_CLOSE = 8;
const OPCODE_PING = 9;
const OPCODE_PONG = 10;
const FIN = 0x80;
const MASKED = 0x80;
/** 1000, a normal closure (RFC 6455, 7.4.1). */
const NORMAL_CLOSURE = Uint8Array.of(3, 232);

export interface WebSocketConversationOptions {
  readonly plan: WebSocketServerPlan;
  readonly inner: Conversation;
  /** Random bytes, for the key and the masks. */
  readonly random: (size: number) => Uint8Array;
}

export class WebSocketConversation implements Conversation {
  private readonly options: WebSocketConversationOptions;
  private readonly key: string;
  private readonly answer = new HttpAnswer("HEAD");
  private isUpgraded = false;
  private received: Uint8Array = new Uint8Array(0);

  constructor(options: WebSocketConversationOptions) {
    this.options = options;
    this.key = Buffer.from(options.random(KEY_SIZE)).toString("base64");
  }

  get awaited(): string {
    return this.isUpgraded ? this.options.inner.awaited : "WebSocket upgrade";
  }

  onConnect(): Turn {
    const { path, host } = this.options.plan;
    const lines = [
      `GET ${path} HTTP/1.1`,
      `Host: ${host}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${this.key}`,
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Protocol: mqtt",
      "",
      "",
    ];
    return { send: Buffer.from(lines.join("\r\n")), finding: null };
  }

  onBytes(bytes: Uint8Array): Turn {
    this.received = joinBytes(this.received, bytes);
    if (this.received.length > ANSWER_SIZE_MAX) {
      return fails("L7RSP", `no ${this.awaited} in the first ${ANSWER_SIZE_MAX} bytes`);
    }
    return this.isUpgraded ? this.readFrames() : this.readUpgrade();
  }

  onEnd(): Turn {
    return this.isUpgraded ? this.wrap(this.options.inner.onEnd()) : LISTEN;
  }

  private readUpgrade(): Turn {
    const end = Buffer.from(this.received).indexOf("\r\n\r\n");
    if (end === -1) return LISTEN;
    this.answer.add(this.received.subarray(0, end + 4));
    const { head } = this.answer;
    if (head === null) return fails("L7RSP", `not HTTP: ${showBytes(this.received)}`);
    if (head.status !== 101) return fails("L7STS", `HTTP ${head.status} instead of an upgrade`);
    if (head.headers.get("sec-websocket-accept") !== acceptKeyFor(this.key)) {
      return fails("L7RSP", "the upgrade was accepted with a wrong key");
    }
    this.isUpgraded = true;
    this.received = this.received.slice(end + 4);
    const first = this.wrap(this.options.inner.onConnect());
    return first.finding === null ? this.followedBy(first, this.readFrames()) : first;
  }

  private readFrames(): Turn {
    let turn = LISTEN;
    for (;;) {
      const frame = readFrame(this.received);
      if (frame === null) return turn;
      this.received = this.received.slice(frame.size);
      turn = this.followedBy(turn, this.onFrame(frame));
      if (turn.finding !== null) return turn;
    }
  }

  private onFrame({ opcode, payload }: Frame): Turn {
    if (opcode === OPCODE_PING) return { send: this.frame(OPCODE_PONG, payload), finding: null };
    if (opcode === OPCODE_PONG) return LISTEN;
    if (opcode === OPCODE_CLOSE) {
      return fails("L7RSP", `WebSocket closed before ${this.options.inner.awaited}`);
    }
    if (opcode !== OPCODE_BINARY && opcode !== OPCODE_CONTINUATION) {
      return fails("L7RSP", `WebSocket frame of type ${opcode} instead of a binary one`);
    }
    return this.wrap(this.options.inner.onBytes(payload));
  }

  /** Puts what the inner conversation says into a frame; its last words are followed by a close. */
  private wrap({ send, finding }: Turn): Turn {
    const words = send === null ? [] : [this.frame(OPCODE_BINARY, send)];
    if (finding !== null) words.push(this.frame(OPCODE_CLOSE, NORMAL_CLOSURE));
    return { send: words.length === 0 ? null : Buffer.concat(words), finding };
  }

  private followedBy(first: Turn, second: Turn): Turn {
    const words = [first.send, second.send].filter((send) => send !== null);
    return { send: words.length === 0 ? null : Buffer.concat(words), finding: second.finding };
  }

  /** One whole frame, masked as a client's must be (RFC 6455, 5.3). */
  private frame(opcode: number, payload: Uint8Array): Uint8Array {
    const { length } = payload;
    const head =
      length < 126
        ? [FIN | opcode, MASKED | length]
        : [FIN | opcode, MASKED | 126, length >> 8, length & 0xff];
    const mask = this.options.random(MASK_SIZE);
    const masked = payload.map((byte, i) => byte ^ mask[i % MASK_SIZE]!);
    return Buffer.concat([Uint8Array.from(head), mask, masked]);
  }
}

/** What a server answers to a key (RFC 6455, 4.2.2). */
export function acceptKeyFor(key: string): string {
  return createHash("sha1").update(`${key}${ACCEPT_SUFFIX}`).digest("base64");
}

interface Frame {
  readonly opcode: number;
  readonly payload: Uint8Array;
  readonly size: number;
}

/** @returns null while the frame is not whole; servers do not mask (RFC 6455, 5.1) */
function readFrame(bytes: Uint8Array): Frame | null {
  if (bytes.length < 2) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const short = bytes[1]! & 0x7f;
  const headSize = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < headSize) return null;
  const length =
    short < 126 ? short : short === 126 ? view.getUint16(2) : Number(view.getBigUint64(2));
  const size = headSize + length;
  if (bytes.length < size) return null;
  return { opcode: bytes[0]! & 0x0f, payload: bytes.subarray(headSize, size), size };
}
