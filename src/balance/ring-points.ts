// Where servers stand on a ring: for each server a sequence of points, of which it has the more the
// heavier it is. A weight that changes adds points to the end of the sequence or takes them away,
// so that only the clients at those points move.
//
// Pure. Bounded: POINTS_MAX on a ring; with more, every server has fewer, in proportion.

import { assert } from "../assert.ts";
import { CRC32_BEGIN, crc32Byte, crc32End, crc32Extend } from "../bytes/crc32.ts";
import { endpointPort, isIpv4Mapped } from "../bytes/endpoint.ts";
import { avalanche } from "../bytes/key-hashes.ts";
import { xxhash32 } from "../bytes/xxhash32.ts";
import type { HashType } from "./hash-plan.ts";
import { type BalanceServer, serverIdentity } from "./server-identity.ts";
import { ruleOf, type TierPlan } from "./tier.ts";

/** 14 bytes each: what a ring may take of memory is 60 MB. */
const POINTS_MAX = 1 << 22;
/** Even shares: points of a unit of weight, which make them 2 % off, give or take ... */
const EVEN_POINTS = 1024;
/** ... unless all servers together would have more than this, or so many each. */
const EVEN_POINTS_OF_ALL = 1 << 18;
const EVEN_POINTS_OF_EACH = 128;
/** Sixteenths of a unit of weight. */
const PARTS = 16;
/** HAProxy's points for a server of the greatest weight, and so the distance between servers. */
const POINTS_OF_AN_ID = 4096;
const KETAMA_POINTS = 160;

/** How many points a server gets for a sixteenth of a unit of weight. */
export function ringDensity(plan: TierPlan): number {
  const { members } = plan;
  const weights = members.reduce((sum, { weight }) => sum + weight, 0) * PARTS;
  if (weights === 0) return 1;
  const density = wishedDensity(ruleOf(plan).type, weights, members.length);
  return Math.min(density, POINTS_MAX / weights);
}

// What is even never jumps: one server more takes a few points from all, so that besides those
// that must, about as many clients move.
function wishedDensity(type: HashType, weights: number, servers: number): number {
  if (type === "ketama") return KETAMA_POINTS / PARTS;
  if (type === "consistent-16") return 1;
  const ofAll = Math.max(EVEN_POINTS_OF_ALL, servers * EVEN_POINTS_OF_EACH);
  return Math.min(EVEN_POINTS / PARTS, ofAll / weights);
}

/** @param weight in sixteenths */
export function pointCount(weight: number, density: number): number {
  return Math.ceil(weight * density);
}

/** Fills in the first points of a server's sequence, as 32-bit positions on the ring. */
export function fillPoints(type: HashType, server: BalanceServer, points: Uint32Array): void {
  if (type === "ketama") {
    fillKetamaPoints(server.name, points);
    return;
  }
  const start = placeOf(server);
  for (let i = 0; i < points.length; i++) points[i] = avalanche((start + i) | 0);
}

/** What a server's points are made from: as HAProxy's `hash-key` has it, or its name. */
function placeOf({ hashKey, id, name, endpoint }: BalanceServer): number {
  switch (hashKey) {
    case "name":
      return serverIdentity(name);
    case "id":
      return Math.imul(id, POINTS_OF_AN_ID);
    case "address":
      return placeOfAddress(endpoint, 0);
    case "address-port":
      return placeOfAddress(endpoint, avalanche(endpointPort(endpoint, 0)));
  }
}

function placeOfAddress(endpoint: Uint8Array, seed: number): number {
  if (!isIpv4Mapped(endpoint, 0)) return xxhash32(endpoint.subarray(0, 16), seed);
  const [a, b, c, d] = endpoint.subarray(12, 16);
  assert(a !== undefined && d !== undefined, "an endpoint has an address");
  return avalanche((seed + (a | (b! << 8) | (c! << 16) | (d << 24))) | 0);
}

// Each point is the sum of host, zero byte, port and the point before: a chain.
function fillKetamaPoints(name: string, points: Uint32Array): void {
  const base = ketamaBase(new TextEncoder().encode(name));
  let before = 0;
  for (let i = 0; i < points.length; i++) {
    let register = base;
    for (let shift = 0; shift < 32; shift += 8) {
      register = crc32Byte(register, (before >>> shift) & 0xff);
    }
    before = crc32End(register);
    points[i] = before;
  }
}

function ketamaBase(name: Uint8Array): number {
  const colon = name.lastIndexOf(0x3a);
  const port = colon === -1 ? new Uint8Array(0) : name.subarray(colon + 1);
  const hasPort = colon !== -1 && port.every((digit) => digit >= 0x30 && digit <= 0x39);
  const hostLength = hasPort ? colon : name.length;
  const host = crc32Byte(crc32Extend(CRC32_BEGIN, name, 0, hostLength), 0);
  return hasPort ? crc32Extend(host, port, 0, port.length) : host;
}
