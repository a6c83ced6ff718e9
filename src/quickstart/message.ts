// An application message on its way through the cluster, shared by every session it goes to. Its
// bytes may lie inside a receive buffer; whoever holds it beyond the current turn calls `keep`.

export type Qos = 0 | 1 | 2;

/**
 * @returns the QoS that a message of one goes out with to a subscription of the other
 * [MQTT-3.8.4-8]
 */
export function lowerQos(one: Qos, other: Qos): Qos {
  return one < other ? one : other;
}

export const NOTHING = Buffer.alloc(0);

/** What a message costs beside its bytes, near enough for limits. */
const PER_MESSAGE_BYTES = 128;

export interface MessageFields {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: Qos;
  readonly retain: boolean;
  /**
   * The 5.0 properties that are passed on unaltered (payload format, content type, response topic,
   * correlation data, user properties), encoded, in the order they came in [MQTT-3.3.2-17, -18].
   */
  readonly passedOn: Buffer;
  /** When it is no longer worth delivering, on the broker's clock; Infinity without an expiry. */
  readonly expiresAtMs: number;
  /** Client id of the publisher, for No Local; empty for the cluster's own messages. */
  readonly publisher: string;
}

export class Message {
  readonly topic: string;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly expiresAtMs: number;
  readonly publisher: string;
  #payload: Buffer;
  #passedOn: Buffer;
  /** True exactly when the bytes are copies of our own. */
  #kept = false;

  constructor(fields: MessageFields) {
    this.topic = fields.topic;
    this.qos = fields.qos;
    this.retain = fields.retain;
    this.expiresAtMs = fields.expiresAtMs;
    this.publisher = fields.publisher;
    this.#payload = fields.payload;
    this.#passedOn = fields.passedOn;
  }

  get payload(): Buffer {
    return this.#payload;
  }

  get passedOn(): Buffer {
    return this.#passedOn;
  }

  /** Bytes that holding on to it costs. */
  get size(): number {
    return PER_MESSAGE_BYTES + this.topic.length + this.#payload.length + this.#passedOn.length;
  }

  /** Moves the bytes out of the receive buffer, once, however many sessions hold the message. */
  keep(): this {
    if (this.#kept) return this;
    this.#payload = ownCopy(this.#payload);
    this.#passedOn = ownCopy(this.#passedOn);
    this.#kept = true;
    return this;
  }

  isExpired(nowMs: number): boolean {
    return this.expiresAtMs <= nowMs;
  }

  /** @returns seconds left for the receiver [MQTT-3.3.2-6], or null without an expiry */
  secondsLeft(nowMs: number): number | null {
    if (this.expiresAtMs === Infinity) return null;
    return Math.max(0, Math.ceil((this.expiresAtMs - nowMs) / 1000));
  }
}

// Not from Node's shared pool: a small message kept for long must not keep its neighbours alive.
function ownCopy(bytes: Buffer): Buffer {
  if (bytes.length === 0) return NOTHING;
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}
