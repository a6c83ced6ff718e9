// Secrets for hashes over bytes that clients choose. Draws them, and does nothing else.

import { randomInt } from "node:crypto";

const INT32_END = 2 ** 31;

/** @returns 32 bits, as a signed integer */
export function drawSeed(): number {
  return randomInt(-INT32_END, INT32_END);
}
