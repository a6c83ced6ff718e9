import { describe, expect, it } from "vitest";
import { AssertionFailure } from "../assert.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { writeSockaddr } from "../linux/socket.ts";
import { Arena, arenaSize } from "./arena.ts";
import { SLAB_SIZE } from "./slab-pool.ts";

const RECEIVE_SIZE = 8192;
const SIZES = {
  scratchSize: 5_000,
  transportSize: 3_000,
  addressesMax: 3,
  slabBytes: 2 * SLAB_SIZE,
};
const IPV4 = makeEndpoint("192.0.2.1", 1883)!;
const IPV6 = makeEndpoint("2001:db8::1", 1883)!;

function makeArena(): Arena {
  return new Arena(new Uint8Array(arenaSize(SIZES, RECEIVE_SIZE)), SIZES, RECEIVE_SIZE);
}

function sockaddr(endpoint: Uint8Array): number[] {
  const bytes = new Uint8Array(64);
  return [...bytes.subarray(0, writeSockaddr(bytes, 0, endpoint))];
}

describe("Arena", () => {
  it("has its parts side by side, none over another, slabs on pages of their own", () => {
    const arena = makeArena();
    const addresses = [IPV6, IPV6, IPV6].map((endpoint) => arena.keepAddress(endpoint));
    const slabs = [arena.pool.take(), arena.pool.take()];
    const parts = [
      { offset: arena.receiveOffset, length: RECEIVE_SIZE },
      { offset: arena.scratchOffset, length: SIZES.scratchSize },
      { offset: arena.transportOffset, length: SIZES.transportSize },
      ...addresses,
      ...slabs.map((offset) => ({ offset, length: SLAB_SIZE })),
    ];
    for (const [i, { offset }] of parts.slice(1).entries()) {
      expect(offset).toBeGreaterThanOrEqual(parts[i]!.offset + parts[i]!.length);
    }
    const last = parts.at(-1)!;
    expect(last.offset + last.length).toBe(arena.bytes.length);
    expect(slabs[0]! % 4096).toBe(0);
    expect(arena.pool.take()).toBe(-1);
  });

  it("wants as many bytes as its parts take", () => {
    const bytes = new Uint8Array(arenaSize(SIZES, RECEIVE_SIZE) - 1);
    expect(() => new Arena(bytes, SIZES, RECEIVE_SIZE)).toThrow(AssertionFailure);
  });
});

describe("Arena.keepAddress", () => {
  it("keeps addresses of both families as the kernel wants them", () => {
    const arena = makeArena();
    for (const endpoint of [IPV4, IPV6]) {
      const { offset, length } = arena.keepAddress(endpoint);
      expect([...arena.bytes.subarray(offset, offset + length)]).toEqual(sockaddr(endpoint));
    }
  });

  it("uses the place of a released address again, and keeps the others", () => {
    const arena = makeArena();
    const [first, second] = [arena.keepAddress(IPV6), arena.keepAddress(IPV4)];
    arena.keepAddress(IPV4);
    expect(() => arena.keepAddress(IPV4)).toThrow(AssertionFailure);
    arena.releaseAddress(first);
    const again = arena.keepAddress(IPV4);
    expect(again.offset).toBe(first.offset);
    const kept = arena.bytes.subarray(second.offset, second.offset + second.length);
    expect([...kept]).toEqual(sockaddr(IPV4));
  });
});
