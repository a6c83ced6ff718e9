// Where OpenSSL takes ciphertext from and puts it: one input and one output that all sessions of
// a worker share. Every call of the engine leaves both empty, so a session that waits costs its
// SSL object and nothing here.
//
// The input is a memory BIO over somebody else's bytes: its BUF_MEM (buffer.h) is written from
// here, so OpenSSL reads the arena where it is, without a copy and without a call to say so; and
// how much it has not read yet is a look at a word. The output is a memory BIO of OpenSSL's own,
// whose BUF_MEM says whether anything was written.
//
// Bounded by what one call makes: about what it was given and a flight of handshake messages.

import { assert } from "../assert.ts";
import { mapMemory, type NativeMemory, unmapMemory } from "../linux/native-memory.ts";
import {
  BIO_ctrl,
  BIO_free,
  BIO_new,
  BIO_new_mem_buf,
  BIO_puts,
  BIO_read,
  BIO_s_mem,
  BIO_up_ref,
  OpenSSL_version,
  requireOpenSsl,
  SSL_set_bio,
  viewOf,
} from "./libssl.ts";
import { BIO_C_GET_BUF_MEM_PTR, BIO_C_SET_BUF_MEM_EOF_RETURN } from "./ssl-constants.ts";

// struct buf_mem_st { size_t length; char *data; size_t max; unsigned long flags; }
// as words of 32 bits, the lower half first.
const LENGTH = 0;
const ADDRESS = 2;
const MAX = 4;
const BUF_MEM_SIZE = 32;
const WORD = 2 ** 32;

export class SessionBios {
  readonly #input: number;
  readonly #output: number;
  readonly #inputWords: Uint32Array;
  readonly #outputWords: Uint32Array;
  readonly #trash = mapMemory(4096);
  /** What `drain` has taken of the output since it was last empty. */
  #taken = 0;

  /** Throws when there is no OpenSSL, or one whose memory BIOs work in another way. */
  constructor() {
    requireOpenSsl();
    const scratch = this.#trash;
    this.#input = BIO_new_mem_buf(scratch.address, 0);
    this.#output = BIO_new(BIO_s_mem());
    assert(this.#input !== 0 && this.#output !== 0, "there is memory for two BIOs");
    // Empty means "not yet", never "the end".
    BIO_ctrl(this.#input, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, 0);
    BIO_ctrl(this.#output, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, 0);
    this.#inputWords = bufMemOf(this.#input, scratch);
    this.#outputWords = bufMemOf(this.#output, scratch);
    if (!this.#tryOut(scratch)) {
      this.free();
      throw new Error(`Cannot use TLS: the memory BIOs of ${OpenSSL_version(0)} are not as known`);
    }
  }

  /** Makes these BIOs those of an SSL object. */
  attach(session: number): void {
    BIO_up_ref(this.#input);
    BIO_up_ref(this.#output);
    SSL_set_bio(session, this.#input, this.#output);
  }

  /** Lets OpenSSL read `length` bytes at an address, which stay the caller's. */
  feed(address: number, length: number): void {
    const words = this.#inputWords;
    words[LENGTH] = length;
    words[ADDRESS] = address;
    words[ADDRESS + 1] = address / WORD;
    words[MAX] = length;
  }

  /** Forgets what OpenSSL has not read: that of a session which ended before it. */
  forgetInput(): void {
    this.#inputWords[LENGTH] = 0;
  }

  /** Bytes that were fed and not read. */
  get unread(): number {
    return this.#inputWords[LENGTH]!;
  }

  /** Bytes that were written and not drained. */
  get waiting(): number {
    return this.#outputWords[LENGTH]! - this.#taken;
  }

  /** Moves what was written to an address. @returns how many bytes; less than `max` is all */
  drain(address: number, max: number): number {
    if (this.waiting === 0) return 0;
    const size = BIO_read(this.#output, address, max);
    assert(size > 0, "what OpenSSL has written can be read");
    this.#taken += size;
    if (this.waiting === 0) {
      // OpenSSL counts what is left elsewhere, and starts over with the next write.
      this.#outputWords[LENGTH] = 0;
      this.#taken = 0;
    }
    return size;
  }

  /** Drops what was written and not drained: that of a session which is no more. */
  forgetOutput(): void {
    while (this.waiting > 0) this.drain(this.#trash.address, this.#trash.size);
  }

  /** Sessions that are attached keep them alive. */
  free(): void {
    BIO_free(this.#input);
    BIO_free(this.#output);
    unmapMemory(this.#trash);
  }

  // That BUF_MEM is what OpenSSL goes by is how it is written, not a promise of its manual.
  #tryOut({ bytes, address }: NativeMemory): boolean {
    const rounds = [5, 3].map((length) => {
      bytes.fill(length, 0, length);
      this.feed(address, length);
      const reads = [2, 16, 16].map((max) => BIO_read(this.#input, address + 32, max));
      const written = BIO_puts(this.#output, "abc");
      const waited = this.waiting;
      const drained = [2, 16, 16].map((max) => this.drain(address + 48, max));
      return [...reads, bytes[32], this.unread, written, waited, ...drained, bytes[48]].join();
    });
    return rounds[0] === "2,3,-1,5,0,3,3,2,1,0,99" && rounds[1] === "2,1,-1,3,0,3,3,2,1,0,99";
  }
}

function bufMemOf(bio: number, scratch: NativeMemory): Uint32Array {
  BIO_ctrl(bio, BIO_C_GET_BUF_MEM_PTR, 0, scratch.address);
  const words = new Uint32Array(scratch.bytes.buffer, 0, 2);
  return new Uint32Array(viewOf(words[0]! + words[1]! * WORD, BUF_MEM_SIZE));
}
