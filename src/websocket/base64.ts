// Base64 with padding (RFC 4648, 4), one way: bytes to text. Pure; for some twenty bytes at a time.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** @returns four characters for each three bytes, the last ones padded with `=` */
export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const group = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const given = Math.min(3, bytes.length - at);
    for (let i = 0; i < 4; i++) {
      text += i <= given ? LETTERS[(group >> (18 - 6 * i)) & 0x3f] : "=";
    }
  }
  return text;
}
