// Our frames and those of the package `ws`, each read by the other: random messages, fragments,
// pings and pongs, in pieces of any size.

import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import * as ws from "ws";
import { FRAME_CLIENT, FRAME_SERVER, FrameReader } from "../../src/websocket/frame-reader.ts";
import {
  NO_MASK,
  toMaskKey,
  writeControlFrame,
  writeFrameHeader,
} from "../../src/websocket/frame-writer.ts";
import { moveMasked } from "../../src/websocket/mask.ts";
import { Random } from "./random.ts";

const [BINARY, PING] = [2, 9];
const SEEDS = 150;
const SIZE_MAX = 1 << 20;
const SIZES = [0, 1, 64, 125, 126, 1000, 5000];
const LARGE_SIZES = [65_535, 65_536, 300_000];

/** What ws has and its types do not tell of. */
interface WsParts {
  readonly Sender: new (
    socket: Duplex,
  ) => {
    send(payload: Buffer, options: object, done: () => void): void;
    ping(payload: Buffer, mask: boolean, done: () => void): void;
    pong(payload: Buffer, mask: boolean, done: () => void): void;
  };
  readonly Receiver: new (options: object) => NodeJS.WritableStream;
}

const { Sender, Receiver } = ws as unknown as WsParts;

/** A socket that keeps what is written to it. */
class KeptBytes extends Duplex {
  readonly pieces: Buffer[] = [];
  override _read(): void {}
  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.pieces.push(Buffer.from(piece));
    done();
  }
}

/** Random bytes; those of long payloads come again after a prime number of them. */
function randomBytes(random: Random, size: number): Buffer {
  return Buffer.alloc(size, Buffer.from(random.bytes(Math.min(size, 997))));
}

/** Messages as ws sends them. */
function sendAtRandom(random: Random, mask: boolean): { stream: Buffer; payload: Buffer } {
  const socket = new KeptBytes();
  const sender = new Sender(socket);
  const payloads: Buffer[] = [];
  const done = () => {};
  for (let left = 1 + random.below(8); left > 0; left--) {
    const size = random.pick(random.oneIn(10) ? LARGE_SIZES : SIZES);
    const payload = randomBytes(random, size);
    payloads.push(Buffer.from(payload));
    const fin = left === 1 || random.oneIn(2);
    sender.send(payload, { binary: true, fin, mask, compress: false }, done);
    if (random.oneIn(3)) sender.ping(randomBytes(random, random.below(126)), mask, done);
    if (random.oneIn(5)) sender.pong(randomBytes(random, random.below(126)), mask, done);
  }
  return { stream: Buffer.concat(socket.pieces), payload: Buffer.concat(payloads) };
}

test.each([
  ["client", FRAME_SERVER],
  ["server", FRAME_CLIENT],
])("what ws sends as a %s is read", (_name, role) => {
  const reader = new FrameReader(1);
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = new Random(seed);
    const { stream, payload } = sendAtRandom(random, role === FRAME_SERVER);
    const received: Buffer[] = [];
    reader.begin(0, role, SIZE_MAX);
    const pieceMax = random.pick([100, 5000, 100_000]);
    for (let from = 0; from < stream.length; ) {
      const length = Math.min(1 + random.below(pieceMax), stream.length - from);
      const size = reader.read(0, stream, from, length);
      received.push(Buffer.from(stream.subarray(from, from + Math.max(size, 0))));
      from += length;
      if (size < 0) expect([seed, size]).toEqual([seed, "a size"]);
    }
    expect([seed, Buffer.concat(received).equals(payload)]).toEqual([seed, true]);
    expect(reader.atBoundary(0)).toBe(true);
  }
});

/** A message as we send it. */
function writeMessage(payload: Buffer, maskKey: number): Buffer {
  const bytes = Buffer.alloc(14 + payload.length);
  const headerSize = writeFrameHeader(bytes, 0, BINARY, payload.length, maskKey);
  bytes.set(payload, headerSize);
  moveMasked(bytes, headerSize, headerSize, payload.length, maskKey);
  return bytes.subarray(0, headerSize + payload.length);
}

function writePing(payload: Buffer, maskKey: number): Buffer {
  const bytes = Buffer.alloc(131);
  const size = writeControlFrame(bytes, 0, PING, payload, 0, payload.length, maskKey);
  return bytes.subarray(0, size);
}

test.each([
  ["server", true],
  ["client", false],
])("ws reads what we write, as a %s", async (_name, isServer) => {
  const random = new Random(7);
  const receiver = new Receiver({ isServer, binaryType: "nodebuffer" });
  const [received, pings, failures]: [Buffer[], Buffer[], Error[]] = [[], [], []];
  receiver.on("message", (message: Buffer) => received.push(message));
  receiver.on("ping", (payload: Buffer) => pings.push(payload));
  receiver.on("error", (error: Error) => failures.push(error));
  const sent = [...SIZES, ...LARGE_SIZES, ...SIZES].map((size) => randomBytes(random, size));
  for (const payload of sent) {
    const maskKey = isServer ? toMaskKey(random.below(2 ** 32) | 0) : NO_MASK;
    receiver.write(writePing(payload.subarray(0, 125), maskKey));
    receiver.write(writeMessage(payload, maskKey));
  }
  await expect.poll(() => received.length + failures.length).toBe(sent.length);
  expect(failures).toEqual([]);
  expect(received.map((message, i) => message.equals(sent[i]!))).toEqual(sent.map(() => true));
  expect(pings.map((ping, i) => ping.equals(sent[i]!.subarray(0, 125)))).toEqual(
    sent.map(() => true),
  );
});
