// What WebSocket frames cost per received piece:
//
//   npm run build && node bench/micro/websocket-frames.js

import { FRAME_CLIENT, FRAME_SERVER, FrameReader } from "../../dist/websocket/frame-reader.js";
import { writeFrameHeader } from "../../dist/websocket/frame-writer.js";
import { moveMasked } from "../../dist/websocket/mask.js";
import { measure } from "./measure.js";

const SLOTS = 2048;
const BINARY = 2;
const KEY = 0x12345678;
const ARENA_SIZE = 1 << 20;

/** @param {number} size @param {number} maskKey @returns {number[]} */
function frame(size, maskKey) {
  const bytes = new Uint8Array(14 + size);
  const headerSize = writeFrameHeader(bytes, 0, BINARY, size, maskKey);
  return [...bytes.subarray(0, headerSize + size)];
}

/**
 * Reads one piece over and over; its payload is rubbish after the first time, its headers are put
 * back each time at the cost of a copy, which the last row shows alone.
 * @param {string} name @param {number} role @param {number[]} piece @param {number} [cut]
 */
function pieces(name, role, piece, cut = piece.length) {
  const calls = piece.length > 10_000 ? 2_000 : 100_000;
  const reader = new FrameReader(SLOTS);
  const arena = new Uint8Array(ARENA_SIZE);
  const source = Uint8Array.from(piece);
  for (let slot = 0; slot < SLOTS; slot++) reader.begin(slot, role, ARENA_SIZE);
  measure(name, calls, () => {
    let payload = 0;
    for (let call = 0; call < calls; call++) {
      arena.set(source, 4096);
      payload += reader.read(call % SLOTS, arena, 4096, cut);
      if (cut < source.length) {
        payload += reader.read(call % SLOTS, arena, 4096 + cut, source.length - cut);
      }
    }
    return payload;
  });
}

/** @param {number} size */
function copies(size) {
  const calls = size > 10_000 ? 2_000 : 100_000;
  const arena = new Uint8Array(ARENA_SIZE);
  const source = new Uint8Array(size);
  measure(`(putting ${size} bytes back)`, calls, () => {
    for (let call = 0; call < calls; call++) arena.set(source, 4096);
    return arena[4096] ?? 0;
  });
}

/** @param {number} size @param {number} from */
function moves(size, from) {
  const calls = size > 10_000 ? 2_000 : 100_000;
  const arena = new Uint8Array(ARENA_SIZE);
  measure(`unmask and move ${size} bytes by ${from}`, calls, () => {
    for (let call = 0; call < calls; call++) moveMasked(arena, 4096, 4096 + from, size, KEY ^ call);
    return arena[4096] ?? 0;
  });
}

/** @param {number} size */
function masks(size) {
  const calls = size > 10_000 ? 2_000 : 100_000;
  const arena = new Uint8Array(ARENA_SIZE);
  measure(`mask ${size} bytes where they are`, calls, () => {
    for (let call = 0; call < calls; call++) moveMasked(arena, 4096, 4096, size, KEY ^ call);
    return arena[4096] ?? 0;
  });
}

moves(16, 6);
moves(64, 6);
moves(1_000, 8);
moves(60_000, 8);
moves(60_000, 6);
masks(64);
masks(60_000);
pieces("a masked frame of 64 bytes", FRAME_SERVER, frame(64, KEY));
pieces("a masked frame of 4 bytes", FRAME_SERVER, frame(4, KEY));
pieces("a frame of 64 bytes from a server", FRAME_CLIENT, frame(64, 0));
pieces("a masked frame of 64 bytes, its header cut", FRAME_SERVER, frame(64, KEY), 3);
pieces("a masked frame of 64 bytes, its payload cut", FRAME_SERVER, frame(64, KEY), 33);
pieces(
  "ten masked frames of 64 bytes in a piece",
  FRAME_SERVER,
  Array.from({ length: 10 }, () => frame(64, KEY)).flat(),
);
pieces("a masked frame of 60 kB", FRAME_SERVER, frame(60_000, KEY));
copies(70);
copies(700);
copies(60_008);
