// Reads the fields of a packet of which perhaps only the first bytes are there.
//
// A field that cannot be read is null, and everything behind it, too; then either the bytes were
// cut, which is nobody's fault, or the packet has no room for the field, which makes it malformed.
// Allocates; not for the path of relayed bytes. Pure: no I/O.

import { LENGTH_NEEDS_MORE, readVariableLength, variableLengthSize } from "./variable-length.ts";

export class HeadReader {
  readonly bytes: Uint8Array;
  /** Where the next field begins. */
  at = 0;
  /** True once a field lay beyond the bytes that are there. */
  isCut = false;
  /** True once a field lay beyond the end of its packet, or made no sense. */
  isMalformed = false;
  /** Where the packet ends, or the part of it that is being read; perhaps beyond the bytes. */
  #end: number;

  constructor(bytes: Uint8Array, packetSize: number) {
    this.bytes = bytes;
    this.#end = packetSize;
  }

  /** False once anything could not be read. */
  get isGood(): boolean {
    return !this.isCut && !this.isMalformed;
  }

  /** How many bytes of the packet, or of the part that is being read, are still to come. */
  get left(): number {
    return Math.max(0, this.#end - this.at);
  }

  uint(size: 1 | 2 | 4): number | null {
    if (!this.#has(size)) return null;
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + this.bytes[this.at + i]!;
    this.at += size;
    return value;
  }

  /** A variable byte integer. */
  variable(): number | null {
    if (!this.isGood) return null;
    const end = Math.min(this.#end, this.bytes.length);
    const value = readVariableLength(this.bytes, this.at, end);
    if (value >= 0) {
      this.at += variableLengthSize(value);
      return value;
    }
    if (value === LENGTH_NEEDS_MORE && this.#end > this.bytes.length) this.isCut = true;
    else this.isMalformed = true;
    return null;
  }

  /** Bytes behind their length in two bytes. */
  binary(): Uint8Array | null {
    const length = this.uint(2);
    return length === null ? null : this.take(length);
  }

  /** The same as UTF-8; what is none of it is replaced. */
  text(): string | null {
    const bytes = this.binary();
    return bytes === null ? null : new TextDecoder().decode(bytes);
  }

  take(length: number): Uint8Array | null {
    if (!this.#has(length)) return null;
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** Reads a part of the packet, `length` bytes, and goes on behind it whatever was in it. */
  within(length: number, read: () => void): void {
    const outer = this.#end;
    const end = this.at + length;
    if (end > outer) this.isMalformed = true;
    if (!this.isGood) return;
    this.#end = end;
    read();
    this.#end = outer;
    this.at = end;
  }

  #has(length: number): boolean {
    if (!this.isGood) return false;
    if (this.at + length > this.#end) this.isMalformed = true;
    else if (this.at + length > this.bytes.length) this.isCut = true;
    return this.isGood;
  }
}
