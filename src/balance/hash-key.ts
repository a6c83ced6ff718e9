// What a client is hashed by: fills the key into a Choice, by the rule of its pool.
//
// Pure; keeps no bytes: a Choice points at those it was given, until the choice is made.

import { ADDRESS_SIZE, isIpv4Mapped } from "../bytes/endpoint.ts";
import { avalanche } from "../bytes/key-hashes.ts";
import type { Choice } from "./balance.ts";
import { HASH_FUNCTIONS } from "./hash-functions.ts";
import type { HashRule } from "./hash-plan.ts";

const IPV4_SIZE = 4;

/** The hash of a key's bytes. */
export function hashKey(rule: HashRule, bytes: Uint8Array, offset: number, length: number): number {
  const hash = HASH_FUNCTIONS[rule.function](bytes, offset, length);
  return rule.avalanche ? avalanche(hash) : hash;
}

/**
 * The hash of a client's address, without its port. Types that HAProxy has too do what it does:
 * the words of the address, in network order, joined by exclusive or, whatever the function.
 * @param at where an endpoint starts in `endpoints`
 */
export function hashSource(rule: HashRule, endpoints: Uint8Array, at: number): number {
  if (rule.type !== "consistent-16" && rule.type !== "map-based") {
    const start = addressStart(endpoints, at);
    return hashKey(rule, endpoints, start, at + ADDRESS_SIZE - start);
  }
  let hash = 0;
  for (let i = addressStart(endpoints, at); i < at + ADDRESS_SIZE; i += 4) {
    hash ^= (endpoints[i]! << 24) | (endpoints[i + 1]! << 16);
    hash ^= (endpoints[i + 2]! << 8) | endpoints[i + 3]!;
  }
  return rule.avalanche ? avalanche(hash) : hash;
}

/** Makes these bytes the key of a choice; none at all are no key. */
export function setKey(
  choice: Choice,
  rule: HashRule,
  bytes: Uint8Array,
  offset: number,
  length: number,
): void {
  choice.keyed = length > 0;
  choice.key = choice.keyed ? hashKey(rule, bytes, offset, length) : 0;
  choice.keyBytes = bytes;
  choice.keyOffset = offset;
  choice.keyLength = length;
}

/** Makes a client's address the key of a choice. */
export function setSourceKey(
  choice: Choice,
  rule: HashRule,
  endpoints: Uint8Array,
  at: number,
): void {
  choice.keyed = true;
  choice.key = hashSource(rule, endpoints, at);
  choice.keyBytes = endpoints;
  choice.keyOffset = addressStart(endpoints, at);
  choice.keyLength = at + ADDRESS_SIZE - choice.keyOffset;
}

/** The client has nothing to be hashed by: any server will do. */
export function clearKey(choice: Choice): void {
  choice.keyed = false;
  choice.key = 0;
  choice.keyLength = 0;
}

// An IPv4 address is its four bytes.
function addressStart(endpoints: Uint8Array, at: number): number {
  return isIpv4Mapped(endpoints, at) ? at + ADDRESS_SIZE - IPV4_SIZE : at;
}
