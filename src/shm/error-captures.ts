// The latest bytes that broke a protocol, by listener for what clients sent and by pool for what
// servers did: when, from whom, why, and how they began. Overwritten by the next; HAProxy's
// `show errors` is this.
//
// One record of each worker for each listener and pool, CAPTURE_SIZE bytes, written by that worker:
//
//   ┌──────┬───────┬─────────────────────────────┬──────┬──────────┬──────────────────────────┐
//   │ turn │ count │ reason and the like, int32s │ size │ endpoint │ CAPTURED_MAX first bytes │
//   └──────┴───────┴─────────────────────────────┴──────┴──────────┴──────────────────────────┘
//
// `turn` is odd while a record is being written; who reads compares it before and after. Bounded by
// the listeners and pools there are places for. Decides nothing.

import { assert } from "../assert.ts";
import { ENDPOINT_SIZE } from "../bytes/endpoint.ts";
import type { SharedSizes } from "./layout.ts";

/** How many bytes of those that broke the protocol are kept. */
export const CAPTURED_MAX = 512;

// Int32 words of a record.
const TURN = 0;
/** Captures so far, those that were overwritten included. */
const COUNT = 1;
const REASON = 2;
const RULE = 3;
const SERVER = 4;
/** Of a listener's record the pool, of a pool's the listener. */
const OTHER = 5;
/** Of what was received in one piece: the kept bytes are its first ones. */
const SIZE = 6;
const LEVEL = 7;
const FAULT_OFFSET = 8;
const WORDS = 9;
/** A float64: milliseconds since 1970. */
const AT_MS = Math.ceil(WORDS / 2) * 8;
const ENDPOINT = AT_MS + 8;
const BYTES = ENDPOINT + ENDPOINT_SIZE;
const CAPTURE_SIZE = Math.ceil((BYTES + CAPTURED_MAX) / 8) * 8;
/** A reader that meets a writer so often lets the record be. */
const READS_MAX = 8;

type ErrorSizes = Pick<SharedSizes, "workersMax" | "listenersMax" | "poolsMax">;

/** What is kept beside the bytes. A worker fills the same object in again for each. */
export interface CapturedFacts {
  atMs: number;
  /** A number of close-reason.ts. */
  reason: number;
  /** The rule of MQTT that was broken; 0: none is named. */
  rule: number;
  /** MQTT protocol level; 0 while unknown. */
  level: number;
  listener: number;
  pool: number;
  /** -1: there was none yet. */
  server: number;
  /** Where in what was received it went wrong; -1: that is not known. */
  faultOffset: number;
  /** Of the client. */
  readonly endpoint: Uint8Array;
}

export interface CapturedError extends Readonly<CapturedFacts> {
  /** How much was received in one piece. */
  readonly size: number;
  /** How that began: at most CAPTURED_MAX bytes. */
  readonly bytes: Uint8Array;
}

export function errorBytes({ workersMax, listenersMax, poolsMax }: ErrorSizes): number {
  return workersMax * (listenersMax + poolsMax) * CAPTURE_SIZE;
}

/** Where the record of a listener or pool starts in `words`, `times` and `bytes`, as bytes. */
function startOf(sizes: ErrorSizes, worker: number, place: number): number {
  assert(worker >= 0 && worker < sizes.workersMax, "a worker has records of its own");
  assert(place >= 0 && place < sizes.listenersMax + sizes.poolsMax, "a record has a place");
  return (worker * (sizes.listenersMax + sizes.poolsMax) + place) * CAPTURE_SIZE;
}

/** Writes the records of one worker; nobody else does. */
export class ErrorWriter {
  /** Filled in before `write`. */
  readonly facts: CapturedFacts = {
    ...{ atMs: 0, reason: 0, rule: 0, level: 0, listener: 0, pool: 0, server: -1 },
    faultOffset: -1,
    endpoint: new Uint8Array(ENDPOINT_SIZE),
  };
  readonly #sizes: ErrorSizes;
  readonly #worker: number;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  readonly #bytes: Uint8Array;

  constructor(buffer: SharedArrayBuffer, sizes: ErrorSizes, worker: number) {
    this.#sizes = sizes;
    this.#worker = worker;
    this.#words = new Int32Array(buffer);
    this.#times = new Float64Array(buffer);
    this.#bytes = new Uint8Array(buffer);
  }

  /** The client has sent them, where `isServers` is not set: the record is its listener's. */
  write(isServers: boolean, source: Uint8Array, offset: number, length: number): void {
    const { facts } = this;
    const place = isServers ? this.#sizes.listenersMax + facts.pool : facts.listener;
    const start = startOf(this.#sizes, this.#worker, place);
    const word = start / 4;
    const words = this.#words;
    Atomics.add(words, word + TURN, 1);
    words[word + COUNT]! += 1;
    words[word + REASON] = facts.reason;
    words[word + RULE] = facts.rule;
    words[word + LEVEL] = facts.level;
    words[word + FAULT_OFFSET] = facts.faultOffset;
    words[word + SERVER] = facts.server;
    words[word + OTHER] = isServers ? facts.listener : facts.pool;
    words[word + SIZE] = length;
    this.#times[(start + AT_MS) / 8] = facts.atMs;
    const bytes = this.#bytes;
    for (let i = 0; i < ENDPOINT_SIZE; i++) bytes[start + ENDPOINT + i] = facts.endpoint[i]!;
    const kept = Math.min(length, CAPTURED_MAX);
    for (let i = 0; i < kept; i++) bytes[start + BYTES + i] = source[offset + i]!;
    Atomics.add(words, word + TURN, 1);
  }
}

/** Control plane: reads the records of all workers. */
export class ErrorReader {
  readonly #sizes: ErrorSizes;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  readonly #bytes: Uint8Array;

  constructor(buffer: SharedArrayBuffer, sizes: ErrorSizes) {
    this.#sizes = sizes;
    this.#words = new Int32Array(buffer);
    this.#times = new Float64Array(buffer);
    this.#bytes = new Uint8Array(buffer);
  }

  /** Everything that was captured so far, what was overwritten included. */
  count(): number {
    let count = 0;
    for (let start = 0; start < this.#bytes.length; start += CAPTURE_SIZE) {
      count += this.#words[start / 4 + COUNT]!;
    }
    return count;
  }

  /** What a client of a listener has sent last; null: nothing. */
  ofListener(listener: number): CapturedError | null {
    return this.#latest(listener);
  }

  /** What a server of a pool has sent last; null: nothing. */
  ofPool(pool: number): CapturedError | null {
    return this.#latest(this.#sizes.listenersMax + pool);
  }

  /** Its number passes on, and nobody writes there any more. */
  forgetListener(listener: number): void {
    this.#forget(listener);
  }

  forgetPool(pool: number): void {
    this.#forget(this.#sizes.listenersMax + pool);
  }

  /** A worker has ended, perhaps in the middle of a record: that one is whole no more. */
  forgetWorker(worker: number): void {
    const { listenersMax, poolsMax } = this.#sizes;
    for (let place = 0; place < listenersMax + poolsMax; place++) {
      const start = startOf(this.#sizes, worker, place);
      if ((this.#words[start / 4 + TURN]! & 1) === 0) continue;
      this.#clear(start);
    }
  }

  #latest(place: number): CapturedError | null {
    let latest: CapturedError | null = null;
    for (let worker = 0; worker < this.#sizes.workersMax; worker++) {
      const found = this.#read(place, startOf(this.#sizes, worker, place));
      if (found !== null && found.atMs >= (latest?.atMs ?? 0)) latest = found;
    }
    return latest;
  }

  #read(place: number, start: number): CapturedError | null {
    const turn = start / 4 + TURN;
    for (let i = 0; i < READS_MAX; i++) {
      const before = Atomics.load(this.#words, turn);
      if (before === 0) return null;
      if ((before & 1) !== 0) continue;
      const found = this.#copy(place, start);
      if (Atomics.load(this.#words, turn) === before) return found;
    }
    return null;
  }

  #copy(place: number, start: number): CapturedError {
    const word = start / 4;
    const { listenersMax } = this.#sizes;
    const size = this.#words[word + SIZE]!;
    const other = this.#words[word + OTHER]!;
    const isServers = place >= listenersMax;
    const endpoint = start + ENDPOINT;
    const bytes = start + BYTES;
    return {
      atMs: this.#times[(start + AT_MS) / 8]!,
      reason: this.#words[word + REASON]!,
      rule: this.#words[word + RULE]!,
      level: this.#words[word + LEVEL]!,
      faultOffset: this.#words[word + FAULT_OFFSET]!,
      server: this.#words[word + SERVER]!,
      listener: isServers ? other : place,
      pool: isServers ? place - listenersMax : other,
      size,
      endpoint: this.#bytes.slice(endpoint, endpoint + ENDPOINT_SIZE),
      bytes: this.#bytes.slice(bytes, bytes + Math.min(size, CAPTURED_MAX)),
    };
  }

  #forget(place: number): void {
    for (let worker = 0; worker < this.#sizes.workersMax; worker++) {
      this.#clear(startOf(this.#sizes, worker, place));
    }
  }

  #clear(start: number): void {
    this.#words.fill(0, start / 4, start / 4 + WORDS);
  }
}
