// Reads a ClientHello before OpenSSL does, or instead of it: the server name chooses the
// certificate, and the pool where TLS is passed on. [RFC 8446, 4.1.2; RFC 6066, 3; RFC 7301, 3.1]
//
//   ┌──────┬─────────┬────────┬───┬────────┬─────────┬────────┬─────────┬────────┬──────┬────────┐
//   │ 0x16 │ version │ length │ 1 │ length │ version │ random │ session │ cipher │ com- │ exten- │
//   │      │    2    │   2    │   │   3    │    2    │   32   │ id      │ suites │ pres.│ sions  │
//   └──────┴─────────┴────────┴───┴────────┴─────────┴────────┴─────────┴────────┴──────┴────────┘
//    record, perhaps several   message
//
// Bounded by 16 KiB and 64 records; a longer declared length is refused at once. Judges the frame
// and the extensions it reads, leaves the rest to OpenSSL. Pure: no I/O, no clock, no OpenSSL.

import { decodeText } from "../bytes/utf8.ts";

// What `read` says besides a size.
export const HELLO_NEED_MORE = 0;
/** The first bytes are not TLS at all. */
export const HELLO_NOT_TLS = -1;
/** Larger than any client makes it. */
export const HELLO_TOO_LARGE = -2;
/** TLS, and against its rules. */
export const HELLO_MALFORMED = -3;
/** SSL 2 or SSL 3. */
export const HELLO_TOO_OLD = -4;

/** Bytes of a ClientHello with the headers of its records, at most. */
export const HELLO_SIZE_MAX = 16 * 1024;
const RECORDS_MAX = 64;

const RECORD_HEADER_SIZE = 5;
const MESSAGE_HEADER_SIZE = 4;
const RANDOM_SIZE = 32;
const CONTENT_HANDSHAKE = 0x16;
const TYPE_CLIENT_HELLO = 1;
const SSL_3 = 0x0300;

// Extensions that are read, by their numbers.
const SERVER_NAME = 0;
const ALPN = 16;
/** RFC 1035, 2.3.4 */
const SERVER_NAME_SIZE_MAX = 255;

/** One reader serves all connections of a worker: nothing is kept from one `read` to the next. */
export class ClientHelloReader {
  /** Lower case; "" when the client named none. */
  serverName = "";
  /** What the client offers, by its preference; empty when it offers nothing. */
  alpn: readonly string[] = [];
  /** A message that came in several records, put together. */
  readonly #joined = new Uint8Array(HELLO_SIZE_MAX);
  #bytes: Uint8Array = this.#joined;
  #at = 0;
  #end = 0;
  #seen = 0;

  /**
   * Reads from the first byte of a connection on; call again with more after HELLO_NEED_MORE.
   * @returns the size of all records of the ClientHello, HELLO_NEED_MORE, or what is wrong
   */
  read(bytes: Uint8Array, offset: number, length: number): number {
    this.#forget();
    const size = this.#findMessage(bytes, offset, length);
    if (size <= 0) return size;
    const wrong = this.#readMessage();
    this.#bytes = this.#joined;
    return wrong < 0 ? wrong : size;
  }

  #forget(): void {
    this.serverName = "";
    this.alpn = [];
    this.#seen = 0;
  }

  // Leaves the message between #at and #end of #bytes.
  #findMessage(bytes: Uint8Array, offset: number, length: number): number {
    let size = 0;
    let joined = 0;
    for (let records = 0; ; records++) {
      const payload = this.#recordSize(bytes, offset + size, length - size, records === 0);
      if (payload <= 0) return payload;
      if (records >= RECORDS_MAX) return HELLO_MALFORMED;
      const from = offset + size + RECORD_HEADER_SIZE;
      const there = Math.min(payload, offset + length - from);
      if (joined + there > HELLO_SIZE_MAX) return HELLO_TOO_LARGE;
      if (joined > 0 || there < payload || !isWhole(bytes, from, there)) {
        this.#join(bytes, from, there, joined);
        this.#look(this.#joined, 0, joined + there);
      } else {
        this.#look(bytes, from, there);
      }
      joined += there;
      size += RECORD_HEADER_SIZE + payload;
      const wanted = this.#messageSize();
      if (wanted < 0) return wanted;
      if (there < payload) return HELLO_NEED_MORE;
      if (wanted > 0 && joined >= wanted) return joined === wanted ? size : HELLO_MALFORMED;
      if (size > HELLO_SIZE_MAX) return HELLO_TOO_LARGE;
    }
  }

  /** @returns the payload that a record's header declares, HELLO_NEED_MORE, or what is wrong */
  #recordSize(bytes: Uint8Array, at: number, left: number, isFirst: boolean): number {
    if (left === 0) return HELLO_NEED_MORE;
    const wrong = isFirst ? HELLO_NOT_TLS : HELLO_MALFORMED;
    if (isFirst && (bytes[at]! & 0x80) !== 0) return judgeSsl2(bytes, at, left);
    if (bytes[at] !== CONTENT_HANDSHAKE || (left > 1 && bytes[at + 1] !== 3)) return wrong;
    if (left < RECORD_HEADER_SIZE) return HELLO_NEED_MORE;
    const payload = (bytes[at + 3]! << 8) | bytes[at + 4]!;
    if (payload === 0) return HELLO_MALFORMED;
    return payload > HELLO_SIZE_MAX ? HELLO_TOO_LARGE : payload;
  }

  #join(bytes: Uint8Array, from: number, size: number, at: number): void {
    for (let index = 0; index < size; index++) this.#joined[at + index] = bytes[from + index]!;
  }

  #look(bytes: Uint8Array, from: number, size: number): void {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = from + size;
  }

  /** @returns the size of the message with its header, 0 while its header is not there */
  #messageSize(): number {
    const there = this.#end - this.#at;
    if (there > 0 && this.#bytes[this.#at] !== TYPE_CLIENT_HELLO) return HELLO_MALFORMED;
    if (there < MESSAGE_HEADER_SIZE) return 0;
    const size = MESSAGE_HEADER_SIZE + declaredSize(this.#bytes, this.#at);
    return size > HELLO_SIZE_MAX ? HELLO_TOO_LARGE : size;
  }

  #readMessage(): number {
    this.#at += MESSAGE_HEADER_SIZE;
    if (this.#end - this.#at < 2 + RANDOM_SIZE) return HELLO_MALFORMED;
    const version = this.#take(2);
    if (version === SSL_3) return HELLO_TOO_OLD;
    if (version >> 8 !== 3) return HELLO_MALFORMED;
    this.#at += RANDOM_SIZE;
    if (!this.#skipList(1, 0) || !this.#skipList(2, 2) || !this.#skipList(1, 1)) {
      return HELLO_MALFORMED;
    }
    if (this.#at < this.#end && !this.#readExtensions()) return HELLO_MALFORMED;
    return 0;
  }

  #readExtensions(): boolean {
    if (!this.#isList(2, this.#end)) return false;
    while (this.#at < this.#end) {
      if (this.#end - this.#at < 4) return false;
      const type = this.#take(2);
      const size = this.#take(2);
      const end = this.#at + size;
      if (end > this.#end || !this.#readExtension(type, end)) return false;
      this.#at = end;
    }
    return true;
  }

  #readExtension(type: number, end: number): boolean {
    if (type === SERVER_NAME) return this.#isFirst(1) && this.#readServerName(end);
    if (type === ALPN) return this.#isFirst(2) && this.#readAlpn(end);
    return true;
  }

  // An extension comes once (RFC 8446, 4.2): two names would be two opinions on the pool.
  #isFirst(bit: number): boolean {
    const isFirst = (this.#seen & bit) === 0;
    this.#seen |= bit;
    return isFirst;
  }

  // A list of exactly one name of the one type there is.
  #readServerName(end: number): boolean {
    if (!this.#isList(2, end) || end - this.#at < 3 || this.#take(1) !== 0) return false;
    if (!this.#isList(2, end)) return false;
    const size = end - this.#at;
    if (size > SERVER_NAME_SIZE_MAX || !isName(this.#bytes, this.#at, end)) return false;
    this.serverName = decodeText(this.#bytes, this.#at, size).toLowerCase();
    return true;
  }

  #readAlpn(end: number): boolean {
    if (!this.#isList(2, end)) return false;
    const names: string[] = [];
    while (this.#at < end) {
      const size = this.#take(1);
      if (size === 0 || this.#at + size > end) return false;
      names.push(decodeText(this.#bytes, this.#at, size));
      this.#at += size;
    }
    this.alpn = names;
    return true;
  }

  /** @returns whether a length of `lengthSize` bytes is here, not 0, and ends exactly at `end` */
  #isList(lengthSize: number, end: number): boolean {
    if (end - this.#at <= lengthSize) return false;
    return this.#take(lengthSize) === end - this.#at;
  }

  #skipList(lengthSize: number, sizeMin: number): boolean {
    if (this.#end - this.#at < lengthSize) return false;
    const size = this.#take(lengthSize);
    this.#at += size;
    return size >= sizeMin && this.#at <= this.#end;
  }

  // The caller has looked whether they are there.
  #take(size: number): number {
    let value = 0;
    for (let index = 0; index < size; index++) value = (value << 8) | this.#bytes[this.#at++]!;
    return value;
  }
}

/** Whether a record has all of the message that begins in it: the usual case, read in place. */
function isWhole(bytes: Uint8Array, at: number, size: number): boolean {
  return size >= MESSAGE_HEADER_SIZE && size >= MESSAGE_HEADER_SIZE + declaredSize(bytes, at);
}

function declaredSize(bytes: Uint8Array, at: number): number {
  return (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

// A length with the high bit set, then the type: how SSL 2 says hello.
function judgeSsl2(bytes: Uint8Array, at: number, left: number): number {
  if (left < 3) return HELLO_NEED_MORE;
  return bytes[at + 2] === TYPE_CLIENT_HELLO ? HELLO_TOO_OLD : HELLO_NOT_TLS;
}

// Visible ASCII (RFC 6066, 3): what cannot be a name never meets the table of names.
function isName(bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; at++) {
    if (bytes[at]! <= 0x20 || bytes[at]! > 0x7e) return false;
  }
  return true;
}
