// Which client ids are connected, over all workers: so that a client who comes while another one of
// its id is still there is known when it does.
//
//   ┌──────┬─────┬──────────────────────────────────┬──────────────┐
//   │ seed │ ... │ bucket 0: 8 places               │ bucket 1 ... │   int32 words
//   └──────┴─────┴──────────────────────────────────┴──────────────┘
//   a place:  fingerprint of the id (24 bits) │ how many have it (8 bits); 0: free
//
// Ids are hashed with their pool, as brokers of different pools know nothing of each other; two of
// them are taken for one about once in ten million questions. Bounded: a full bucket takes nobody
// else in, which happens to one id in five thousand when as many are connected as may. Words are
// changed by compare-and-swap, by any worker; who has entered has its place until it leaves.

import { assert } from "../assert.ts";
import { hash32, mix32 } from "../bytes/hash32.ts";

/** What `enter` answers when there is no room: `leave` is then not called. */
export const NO_PLACE = -1;

const HEADER_WORDS = 8;
const BUCKET_WORDS = 8;
/** On average, when as many are connected as may. */
const IDS_IN_BUCKET = 2;
const COUNT_MASK = 0xff;

/**
 * Control plane: memory for so many ids, all of them absent.
 * @param seed secret, random: ids are chosen by clients, who must not choose where they collide
 */
export function createConnectedIds(idsMax: number, seed: number): SharedArrayBuffer {
  assert(idsMax > 0, "somebody may connect");
  const buckets = 2 ** Math.ceil(Math.log2(Math.max(1, idsMax / IDS_IN_BUCKET)));
  const buffer = new SharedArrayBuffer((HEADER_WORDS + buckets * BUCKET_WORDS) * 4);
  new Int32Array(buffer)[0] = seed;
  return buffer;
}

export class ConnectedIds {
  private readonly words: Int32Array;
  private readonly seed: number;
  private readonly bucketMask: number;
  /** Of the id that was hashed last: where its bucket begins, and its place with a count of 0. */
  private bucket = 0;
  private print = 0;
  /** Whether the id that was entered last was there already. */
  wasThere = false;

  /** @param buffer what `createConnectedIds` made */
  constructor(buffer: SharedArrayBuffer) {
    this.words = new Int32Array(buffer);
    this.seed = this.words[0]!;
    this.bucketMask = (this.words.length - HEADER_WORDS) / BUCKET_WORDS - 1;
  }

  /** Whether somebody with that id is connected to the pool. */
  has(pool: number, bytes: Uint8Array, offset: number, length: number): boolean {
    this.find(pool, bytes, offset, length);
    return this.placeOf(NO_PLACE) !== NO_PLACE;
  }

  /** Somebody is connected; `wasThere` says whether not alone. @returns its place, or NO_PLACE */
  enter(pool: number, bytes: Uint8Array, offset: number, length: number): number {
    this.find(pool, bytes, offset, length);
    this.wasThere = false;
    for (let known = this.placeOf(NO_PLACE); known !== NO_PLACE; known = this.placeOf(NO_PLACE)) {
      this.wasThere = true;
      const word = Atomics.load(this.words, known);
      if ((word & COUNT_MASK) === COUNT_MASK) return NO_PLACE;
      if (this.isSame(word) && this.swap(known, word, word + 1)) return known;
    }
    for (let at = this.bucket; at < this.bucket + BUCKET_WORDS; at++) {
      if (!this.swap(at, 0, this.print | 1)) continue;
      // Another worker may have entered the same id beside it a moment ago.
      this.wasThere ||= this.placeOf(at) !== NO_PLACE;
      return at;
    }
    return NO_PLACE;
  }

  /** Who has entered and got this place is gone. */
  leave(place: number): void {
    for (;;) {
      const word = Atomics.load(this.words, place);
      assert((word & COUNT_MASK) !== 0, "who leaves has entered");
      if (this.swap(place, word, (word & COUNT_MASK) === 1 ? 0 : word - 1)) return;
    }
  }

  private find(pool: number, bytes: Uint8Array, offset: number, length: number): void {
    const seed = this.seed ^ mix32(pool + 1);
    const bucket = hash32(bytes, offset, length, seed) & this.bucketMask;
    this.bucket = HEADER_WORDS + bucket * BUCKET_WORDS;
    this.print = hash32(bytes, offset, length, ~seed) & ~COUNT_MASK;
  }

  // Plain reads, since Atomics.load is a call each: they are as fresh as the last swap of this
  // thread, and whoever changes what they find swaps it.
  /** @param except a place that does not count. @returns where the id is, or NO_PLACE */
  private placeOf(except: number): number {
    for (let at = this.bucket; at < this.bucket + BUCKET_WORDS; at++) {
      if (at !== except && this.isSame(this.words[at]!)) return at;
    }
    return NO_PLACE;
  }

  private isSame(word: number): boolean {
    return (word & COUNT_MASK) !== 0 && (word & ~COUNT_MASK) === this.print;
  }

  private swap(at: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.words, at, from, to) === from;
  }
}
