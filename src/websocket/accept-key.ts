// The key of an upgrade request and what a server must make of it (RFC 6455, 4.1 and 4.2.2).
//
// Together they show that the other side speaks WebSocket; they protect nothing.

import { mix32 } from "../bytes/hash32.ts";
import { random32At } from "../bytes/random32.ts";
import { sha1 } from "../bytes/sha1.ts";
import { encodeText } from "../bytes/utf8.ts";
import { encodeBase64 } from "./base64.ts";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const KEY_WORDS = 4;
/** Sixteen bytes in base64: 22 characters and two of padding. */
const KEY = /^[0-9A-Za-z+/]{22}==$/;

/**
 * Makes the key of a request that we send: 16 bytes, as random as `seed`. The same two numbers give
 * the same key, so that it need not be kept until the answer comes.
 * @param seed any int32, drawn anew for each request
 * @param serial any int32 that tells requests of one seed apart
 * @returns Sec-WebSocket-Key
 */
export function makeKey(seed: number, serial: number): string {
  const words = Int32Array.from({ length: KEY_WORDS }, (_, i) => {
    return random32At(seed ^ mix32(serial), i);
  });
  return encodeBase64(new Uint8Array(words.buffer));
}

/** @returns whether `key` can be Sec-WebSocket-Key: 16 bytes in base64 */
export function isKey(key: string): boolean {
  return KEY.test(key);
}

/** @returns Sec-WebSocket-Accept for Sec-WebSocket-Key */
export function acceptOf(key: string): string {
  return encodeBase64(sha1(encodeText(key + GUID)));
}
