// Reads the fields of MQTT packets one after the other, bounds-checked and validated. After the
// first bad field `failed` stays true and every further read gives 0, so a caller checks once.
// Bounded by the packet it is given; copies nothing.

import { isUtf8 } from "node:buffer";

export class Cursor {
  readonly bytes: Buffer;
  readonly end: number;
  at: number;
  failed = false;

  constructor(bytes: Buffer, at: number, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** Bytes left. */
  get left(): number {
    return this.end - this.at;
  }

  uint8(): number {
    return this.#take(1) ? this.bytes[this.at - 1]! : 0;
  }

  uint16(): number {
    return this.#take(2) ? this.bytes.readUInt16BE(this.at - 2) : 0;
  }

  uint32(): number {
    return this.#take(4) ? this.bytes.readUInt32BE(this.at - 4) : 0;
  }

  /** A variable byte integer in its shortest form (section 1.5.5). */
  variableInt(): number {
    let value = 0;
    for (let i = 0; i < 4; i++) {
      const byte = this.uint8();
      value += (byte & 0x7f) * 128 ** i;
      if (byte < 0x80) {
        if (byte === 0 && i > 0) this.failed = true;
        return this.failed ? 0 : value;
      }
    }
    this.failed = true;
    return 0;
  }

  /** Steps over binary data; @returns where its bytes start (its length lies in the two before). */
  skipBinary(): number {
    const length = this.uint16();
    return this.#take(length) ? this.at - length : this.at;
  }

  /** Steps over a string that must be UTF-8 without NUL [MQTT-1.5.4-1, -2]. */
  skipText(): number {
    const start = this.skipBinary();
    if (!this.failed && !isText(this.bytes, start, this.at)) this.failed = true;
    return start;
  }

  text(): string {
    const start = this.skipText();
    return this.failed ? "" : this.bytes.toString("utf8", start, this.at);
  }

  #take(count: number): boolean {
    if (this.failed || this.left < count) {
      this.failed = true;
      return false;
    }
    this.at += count;
    return true;
  }
}

// Short topics are nearly always ASCII; a subarray and a call into C++ cost more than looking.
const LOOK_MAX = 64;

function isText(bytes: Buffer, start: number, end: number): boolean {
  if (end - start <= LOOK_MAX && isPlainAscii(bytes, start, end)) return true;
  const text = bytes.subarray(start, end);
  return isUtf8(text) && !text.includes(0);
}

function isPlainAscii(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === 0 || byte >= 0x80) return false;
  }
  return true;
}
