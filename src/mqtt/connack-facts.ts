// What a balancer wants to know of a CONNACK of 5.0 that accepts: which keep alive counts, how long
// the session may live, and the client id that the server gave to a client without one.
//
// Reads properties without judging them: a section that cannot be walked says nothing more.
// Pure: no I/O, allocates nothing.

import { Property } from "./property.ts";
import { readVariableLength, variableLengthSize } from "./variable-length.ts";

/** In a numeric fact that the server said nothing of. */
export const UNSAID = -1;

// How many bytes a value takes; texts and binary values carry their length in two bytes.
const TEXT = -1;
const TEXT_PAIR = -2;
const SIZES: ReadonlyMap<number, number> = new Map([
  [Property.sessionExpiryInterval, 4],
  [Property.assignedClientIdentifier, TEXT],
  [Property.serverKeepAlive, 2],
  [Property.authenticationMethod, TEXT],
  [Property.authenticationData, TEXT],
  [Property.responseInformation, TEXT],
  [Property.serverReference, TEXT],
  [Property.reasonString, TEXT],
  [Property.receiveMaximum, 2],
  [Property.topicAliasMaximum, 2],
  [Property.maximumQos, 1],
  [Property.retainAvailable, 1],
  [Property.userProperty, TEXT_PAIR],
  [Property.maximumPacketSize, 4],
  [Property.wildcardSubscriptionAvailable, 1],
  [Property.subscriptionIdentifierAvailable, 1],
  [Property.sharedSubscriptionAvailable, 1],
]);

/** Made once per worker and filled in anew by each `read`. */
export class ConnackFacts {
  /** Seconds; UNSAID: the client's own keep alive counts (5.0, 3.2.2.3.14). */
  serverKeepAlive = UNSAID;
  /** Seconds; UNSAID: what the client asked for counts (5.0, 3.2.2.3.2). */
  sessionExpiry = UNSAID;
  /** Where the Assigned Client Identifier is; its length is 0 when there is none. */
  clientIdOffset = 0;
  clientIdLength = 0;

  /** @param offset where a whole CONNACK of 5.0 starts, as `readConnack` has found it */
  read(bytes: Uint8Array, offset: number, length: number): void {
    this.serverKeepAlive = UNSAID;
    this.sessionExpiry = UNSAID;
    this.clientIdOffset = 0;
    this.clientIdLength = 0;
    const end = offset + length;
    const remaining = readVariableLength(bytes, offset + 1, end);
    const sectionAt = offset + 1 + variableLengthSize(remaining) + 2;
    if (remaining <= 2) return;
    const sectionLength = readVariableLength(bytes, sectionAt, end);
    if (sectionLength < 0) return;
    let at = sectionAt + variableLengthSize(sectionLength);
    while (at >= 0 && at < end) at = this.#readProperty(bytes, at, end);
  }

  // @returns where the next property starts, or -1
  #readProperty(bytes: Uint8Array, at: number, end: number): number {
    const identifier = bytes[at]!;
    const valueAt = at + 1;
    const next = endOfProperty(bytes, at, end);
    if (next < 0) return next;
    if (identifier === Property.serverKeepAlive) this.serverKeepAlive = readUint16(bytes, valueAt);
    if (identifier === Property.sessionExpiryInterval) {
      this.sessionExpiry = readUint16(bytes, valueAt) * 65_536 + readUint16(bytes, valueAt + 2);
    }
    if (identifier === Property.assignedClientIdentifier) {
      this.clientIdOffset = valueAt + 2;
      this.clientIdLength = next - this.clientIdOffset;
    }
    return next;
  }
}

/**
 * @param at where a property of a CONNACK begins
 * @returns where it ends; -1: no CONNACK has such a property, or the bytes end before it does
 */
export function endOfProperty(bytes: Uint8Array, at: number, end: number): number {
  return endOfValue(bytes, at + 1, end, SIZES.get(bytes[at]!) ?? 0);
}

function endOfValue(bytes: Uint8Array, at: number, end: number, size: number): number {
  if (size === 0) return -1;
  if (size > 0) return at + size <= end ? at + size : -1;
  const first = endOfText(bytes, at, end);
  return size === TEXT || first < 0 ? first : endOfText(bytes, first, end);
}

function endOfText(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return -1;
  const next = at + 2 + readUint16(bytes, at);
  return next <= end ? next : -1;
}

function readUint16(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 256 + bytes[at + 1]!;
}
