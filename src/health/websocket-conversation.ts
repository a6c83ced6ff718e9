// Holds another conversation inside WebSocket (RFC 6455), as a client: upgrade, binary frames,
// close. For checks of servers that take MQTT through WebSocket only.
//
// Judged as strictly as the relay judges servers, so that a check finds what clients would. Bounded
// by ANSWER_SIZE_MAX for what is kept of a frame. Bytes of MQTT are handed on as frames complete;
// pings are answered, fragments are joined as they come.

import type { WebSocketServerPlan } from "../shm/plan.ts";
import { acceptOf } from "../websocket/accept-key.ts";
import { FrameHeader, HEADER_NEEDS_MORE, IN_MESSAGE } from "../websocket/frame-header.ts";
import {
  CLOSE_NORMAL,
  CONTROL_FRAME_SIZE_MAX,
  FRAME_HEADER_SIZE_MAX,
  MASK_SIZE,
  OPCODE_BINARY,
  OPCODE_CLOSE,
  OPCODE_PING,
  OPCODE_PONG,
} from "../websocket/frame-numbers.ts";
import { toMaskKey, writeClose, writeFrameHeader } from "../websocket/frame-writer.ts";
import { moveMasked } from "../websocket/mask.ts";
import {
  NEED_MORE,
  NO_SUBPROTOCOL,
  NOT_UPGRADED,
  RESPONSE_TOO_LARGE,
  readUpgradeResponse,
  UPGRADE_REQUEST_SIZE,
  WRONG_ACCEPT,
  writeUpgradeRequest,
} from "../websocket/upgrade-response.ts";
import {
  ANSWER_SIZE_MAX,
  type Conversation,
  fails,
  joinBytes,
  LISTEN,
  showBytes,
  type Turn,
} from "./conversation.ts";

const KEY_SIZE = 16;
const STATUS = /^HTTP\/1\.1 (\d{3})/;

export interface WebSocketConversationOptions {
  readonly plan: WebSocketServerPlan;
  readonly inner: Conversation;
  /** Random bytes, for the key and the masks. */
  readonly random: (size: number) => Uint8Array;
}

export class WebSocketConversation implements Conversation {
  private readonly options: WebSocketConversationOptions;
  private readonly key: string;
  private readonly header = new FrameHeader();
  private isUpgraded = false;
  /** A fragmented message has begun and not ended. */
  private isInMessage = false;
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
    const request = new Uint8Array(UPGRADE_REQUEST_SIZE + Buffer.byteLength(path + host));
    const wish = { host, path, key: this.key, protocol: "mqtt" };
    return { send: request.slice(0, writeUpgradeRequest(request, 0, wish)), finding: null };
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
    const { received } = this;
    const size = readUpgradeResponse(received, 0, received.length, acceptOf(this.key));
    if (size === NEED_MORE) return LISTEN;
    if (size < 0) return refusesUpgrade(size, received);
    this.isUpgraded = true;
    this.received = received.slice(size);
    const first = this.wrap(this.options.inner.onConnect());
    return first.finding === null ? this.followedBy(first, this.readFrames()) : first;
  }

  private readFrames(): Turn {
    const { header } = this;
    let turn = LISTEN;
    for (;;) {
      const { received } = this;
      const state = this.isInMessage ? IN_MESSAGE : 0;
      const size = header.read(received, 0, received.length, state, ANSWER_SIZE_MAX);
      if (size < 0)
        return fails("L7RSP", `a WebSocket frame is wrong: close code ${-size} of RFC 6455`);
      const end = size + header.length;
      if (size === HEADER_NEEDS_MORE || received.length < end) return turn;
      this.received = received.slice(end);
      turn = this.followedBy(turn, this.onFrame(received.subarray(size, end)));
      if (turn.finding !== null) return turn;
    }
  }

  private onFrame(payload: Uint8Array): Turn {
    const { opcode, isFinal } = this.header;
    if (opcode === OPCODE_PING) return { send: this.frame(OPCODE_PONG, payload), finding: null };
    if (opcode === OPCODE_PONG) return LISTEN;
    if (opcode === OPCODE_CLOSE) {
      return fails("L7RSP", `WebSocket closed before ${this.options.inner.awaited}`);
    }
    this.isInMessage = !isFinal;
    return this.wrap(this.options.inner.onBytes(payload));
  }

  /** Puts what the inner conversation says into a frame; its last words are followed by a close. */
  private wrap({ send, finding }: Turn): Turn {
    const words = send === null ? [] : [this.frame(OPCODE_BINARY, send)];
    if (finding !== null) words.push(this.closeFrame());
    return { send: words.length === 0 ? null : Buffer.concat(words), finding };
  }

  private followedBy(first: Turn, second: Turn): Turn {
    const words = [first.send, second.send].filter((send) => send !== null);
    return { send: words.length === 0 ? null : Buffer.concat(words), finding: second.finding };
  }

  /** One whole frame, masked as a client's must be (RFC 6455, 5.3). */
  private frame(opcode: number, payload: Uint8Array): Uint8Array {
    const { length } = payload;
    const bytes = new Uint8Array(FRAME_HEADER_SIZE_MAX + length);
    const maskKey = this.maskKey();
    const size = writeFrameHeader(bytes, 0, opcode, length, maskKey);
    bytes.set(payload, size);
    moveMasked(bytes, size, size, length, maskKey);
    return bytes.subarray(0, size + length);
  }

  private closeFrame(): Uint8Array {
    const bytes = new Uint8Array(CONTROL_FRAME_SIZE_MAX);
    return bytes.subarray(0, writeClose(bytes, 0, CLOSE_NORMAL, "", this.maskKey()));
  }

  private maskKey(): number {
    return toMaskKey(Buffer.from(this.options.random(MASK_SIZE)).readInt32LE());
  }
}

/** @param verdict a negative answer of `readUpgradeResponse` */
function refusesUpgrade(verdict: number, received: Uint8Array): Turn {
  switch (verdict) {
    case NOT_UPGRADED: {
      const [, status] = STATUS.exec(Buffer.from(received).toString("latin1")) ?? [];
      return fails("L7STS", `HTTP ${status} instead of an upgrade`);
    }
    case WRONG_ACCEPT:
      return fails("L7RSP", "the upgrade was accepted with a wrong key");
    case NO_SUBPROTOCOL:
      return fails("L7RSP", 'the upgrade was accepted without the subprotocol "mqtt"');
    case RESPONSE_TOO_LARGE:
      return fails("L7RSP", "the answer to the upgrade is too large");
    default:
      return fails("L7RSP", `no answer to an upgrade: ${showBytes(received)}`);
  }
}
