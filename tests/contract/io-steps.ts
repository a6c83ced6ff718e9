// Steps that the tests of the Io contract share.
import { expect } from "vitest";
import { SEND_WAIT } from "../../src/io/io.ts";
import type { HarnessOptions, IoHarness, MakeHarness, Peer } from "./io-harness.ts";

export type Body = (harness: IoHarness) => Promise<void>;
/** Makes a test of a body: a harness of its own, and nothing left behind. */
export type RunWith = (body: Body, options?: Partial<HarnessOptions>) => () => Promise<void>;

const DEFAULTS: HarnessOptions = { socketsMax: 32, slabBytes: 1024 * 1024 };

export async function withHarness(
  makeHarness: MakeHarness,
  body: Body,
  options: Partial<HarnessOptions> = {},
): Promise<void> {
  const harness = await makeHarness({ ...DEFAULTS, ...options });
  try {
    await body(harness);
  } catch (error) {
    await harness.end();
    throw error;
  }
  const left = await harness.end();
  expect(left).toEqual([]);
  expect(harness.handler.intrusions).toEqual([]);
}

export function text(value: string): Buffer {
  return Buffer.from(value, "latin1");
}

/** Bytes whose every position can be told from its neighbours. */
export function pattern(length: number, salt = 0): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * 7 + (i >> 16) + salt) & 0xff;
  return bytes;
}

/** A client that was accepted: its slot, and its own end. */
export async function acceptOne(h: IoHarness): Promise<{ slot: number; peer: Peer }> {
  const listener = await h.listen(0);
  const before = h.handler.count("accepted");
  const peer = await listener.connect();
  await h.run(() => h.handler.count("accepted") > before);
  return { slot: h.handler.all("accepted")[before]!.slot, peer };
}

/** A slot that is connected to a server, and the server's end. */
export async function connectOne(h: IoHarness): Promise<{ slot: number; peer: Peer }> {
  const server = await h.serve();
  const slot = h.handler.take();
  h.io.connect(slot, server.address);
  await h.run(() => h.handler.count("connect", slot) > 0 && server.peers.length > 0);
  return { slot, peer: server.peers[0]! };
}

/** Hands bytes over in one piece. @returns what `send` answered */
export function sendBytes({ io }: IoHarness, slot: number, bytes: Uint8Array): number {
  io.bytes.set(bytes, io.scratchOffset);
  const result = io.send(slot, io.scratchOffset, bytes.length);
  // The bytes are ours again: nothing that we do to them now may change what was sent.
  io.bytes.fill(0xee, io.scratchOffset, io.scratchOffset + bytes.length);
  return result;
}

const PIECE = 64 * 1024;
const PIECES_MAX = 2000;

/** Feeds a peer that does not read until the reactor says SEND_WAIT. @returns all that was sent */
export function fillUp(h: IoHarness, slot: number): Buffer {
  const pieces: Buffer[] = [];
  for (let i = 0; i < PIECES_MAX; i++) {
    const piece = pattern(PIECE, i);
    pieces.push(piece);
    const result = sendBytes(h, slot, piece);
    if (result === SEND_WAIT) return Buffer.concat(pieces);
    expect(result).toBe(0);
  }
  throw new Error("Cannot fill the peer's buffers: everything was taken");
}

/** Compares without printing megabytes. */
export function expectSame(actual: Uint8Array, expected: Uint8Array): void {
  expect(actual.length).toBe(expected.length);
  expect(Buffer.compare(actual, expected)).toBe(0);
}
