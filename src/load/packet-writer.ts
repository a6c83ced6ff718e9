// Writes the packets that a client of a load test sends, for three versions of MQTT, into memory
// that is there already. What all connections share is encoded once.
//
// Pure: no I/O, no clock. Making a writer allocates and checks sizes; writing allocates nothing.

import { encodeText } from "../bytes/utf8.ts";
import { FLAG_CLEAN, FLAG_PASSWORD, FLAG_USER_NAME } from "../mqtt/connect-header.ts";
import { PacketType } from "../mqtt/packet-type.ts";
import { variableLengthSize, writeVariableLength } from "../mqtt/variable-length.ts";

/** Protocol levels: MQTT 3.1, 3.1.1 and 5.0. */
export type ProtocolLevel = 3 | 4 | 5;

const TEXT_SIZE_MAX = 65_535;
const NO_TEXT = new Uint8Array(0);

export interface ConnectTemplate {
  readonly level: ProtocolLevel;
  readonly cleanStart: boolean;
  readonly keepAliveSeconds: number;
  readonly userName?: string | undefined;
  readonly password?: string | undefined;
}

/** CONNECT packets that differ in their client id (3.1.1, 3.1; 5.0, 3.1). */
export class ConnectWriter {
  readonly #head: Uint8Array;
  readonly #tail: Uint8Array;

  constructor(template: ConnectTemplate) {
    const { level, cleanStart, keepAliveSeconds: keepAlive, userName, password } = template;
    const flags =
      (cleanStart ? FLAG_CLEAN : 0) |
      (userName === undefined ? 0 : FLAG_USER_NAME) |
      (password === undefined ? 0 : FLAG_PASSWORD);
    const name = level === 3 ? "MQIsdp" : "MQTT";
    const properties = level === 5 ? [0] : [];
    const numbers = [level, flags, keepAlive >> 8, keepAlive & 0xff, ...properties];
    this.#head = join(encodeField(name), Uint8Array.from(numbers));
    this.#tail = join(optionalField(userName), optionalField(password));
  }

  /** @returns the bytes that a CONNECT with a client id of `idSize` bytes takes */
  sizeOf(idSize: number): number {
    const remaining = this.#head.length + 2 + idSize + this.#tail.length;
    return 1 + variableLengthSize(remaining) + remaining;
  }

  /** @returns the offset behind the packet */
  write(target: Uint8Array, at: number, clientId: Uint8Array): number {
    target[at] = PacketType.connect << 4;
    const remaining = this.#head.length + 2 + clientId.length + this.#tail.length;
    let next = writeVariableLength(target, at + 1, remaining);
    target.set(this.#head, next);
    next += this.#head.length;
    target[next] = clientId.length >> 8;
    target[next + 1] = clientId.length & 0xff;
    target.set(clientId, next + 2);
    next += 2 + clientId.length;
    target.set(this.#tail, next);
    return next + this.#tail.length;
  }
}

export interface PublishShape {
  readonly level: ProtocolLevel;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly payloadSize: number;
}

/**
 * Encodes a PUBLISH up to its payload, with packet identifier 0 (3.1.1, 3.3; 5.0, 3.3): the
 * identifier's place is `publishIdAt`.
 */
export function encodePublishHead(shape: PublishShape, topic: string): Uint8Array {
  const rest = [...(shape.qos === 0 ? [] : [0, 0]), ...(shape.level === 5 ? [0] : [])];
  const variable = join(encodeField(topic), Uint8Array.from(rest));
  const first = (PacketType.publish << 4) | (shape.qos << 1) | (shape.retain ? 1 : 0);
  return join(encodeFixed(first, variable.length + shape.payloadSize), variable);
}

/** Where the packet identifier is in a head, counted from its end; the head has a QoS of 1 or 2. */
export function publishIdBeforeEnd(level: ProtocolLevel): number {
  return level === 5 ? 3 : 2;
}

/** Encodes a SUBSCRIBE to one topic filter with packet identifier 1 (3.1.1, 3.8; 5.0, 3.8). */
export function encodeSubscribe(level: ProtocolLevel, filter: string, qos: 0 | 1 | 2): Uint8Array {
  const head = Uint8Array.from(level === 5 ? [0, 1, 0] : [0, 1]);
  const body = join(join(head, encodeField(filter)), Uint8Array.of(qos));
  return join(encodeFixed((PacketType.subscribe << 4) | 2, body.length), body);
}

/** The packets of four bytes that acknowledge one: PUBACK, PUBREC, PUBREL, PUBCOMP. */
export const ACKNOWLEDGE_SIZE = 4;

/** Writes an acknowledgement. PUBREL's flags are 2, the others' 0 (3.1.1, table 2.2). */
export function writeAcknowledge(target: Uint8Array, at: number, type: number, id: number): void {
  target[at] = (type << 4) | (type === PacketType.pubrel ? 2 : 0);
  target[at + 1] = 2;
  target[at + 2] = id >> 8;
  target[at + 3] = id & 0xff;
}

function encodeFixed(first: number, remaining: number): Uint8Array {
  const fixed = new Uint8Array(1 + variableLengthSize(remaining));
  fixed[0] = first;
  writeVariableLength(fixed, 1, remaining);
  return fixed;
}

/**
 * Encodes a text with its length in front.
 * @throws RangeError when it has more than 65,535 bytes
 */
function encodeField(text: string): Uint8Array {
  const bytes = encodeText(text);
  if (bytes.length > TEXT_SIZE_MAX) {
    throw new RangeError(`Cannot encode a text of ${bytes.length} bytes: 65535 are the most`);
  }
  return join(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes);
}

function optionalField(text: string | undefined): Uint8Array {
  return text === undefined ? NO_TEXT : encodeField(text);
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
