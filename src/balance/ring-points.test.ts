import { describe, expect, it } from "vitest";
import { hashBy, makePool } from "../../tests/contract/pool-fixture.ts";
import { makeTier } from "../../tests/contract/tier-fixture.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { avalanche } from "../bytes/key-hashes.ts";
import type { HashType } from "./hash-plan.ts";
import { fillPoints, pointCount, ringDensity } from "./ring-points.ts";
import { type BalanceServer, serverIdentity } from "./server-identity.ts";

function pointsOf(type: HashType, given: Partial<BalanceServer>, count = 3): number[] {
  const [server] = makePool("random", [{}]).plan.servers;
  const points = new Uint32Array(count);
  fillPoints(type, { ...server!, ...given }, points);
  return [...points];
}

function densityOf(type: HashType, weights: readonly number[]): number {
  return ringDensity(
    makeTier(
      hashBy(type),
      weights.map((weight) => ({ weight })),
    ).tier,
  );
}

describe("fillPoints", () => {
  it("makes them from what the server goes by", () => {
    const from = (start: number) => [0, 1, 2].map((i) => avalanche((start + i) | 0) >>> 0);
    const name = "broker-1";
    expect(pointsOf("consistent", { name })).toEqual(from(serverIdentity(name)));
    expect(pointsOf("consistent-16", { id: 3, hashKey: "id" })).toEqual(from(3 * 4096));
    const endpoint = makeEndpoint("10.0.0.1", 1883)!;
    // The address as a little-endian machine reads it.
    const address = avalanche(0x0100000a);
    expect(pointsOf("consistent", { endpoint, hashKey: "address" })).toEqual(from(address));
    const both = avalanche((avalanche(1883) + 0x0100000a) | 0);
    expect(pointsOf("consistent", { endpoint, hashKey: "address-port" })).toEqual(from(both));
  });

  it("tells IPv6 addresses and ports apart", () => {
    const places = ["2001:db8::1", "2001:db8::2"].flatMap((address) =>
      [1883, 1884].map((port) => makeEndpoint(address, port)!),
    );
    const points = (hashKey: "address" | "address-port") =>
      places.map((endpoint) => pointsOf("consistent", { endpoint, hashKey }, 1)[0]);
    expect(new Set(points("address")).size).toBe(2);
    expect(new Set(points("address-port")).size).toBe(4);
  });

  it("chains ketama's from host and port, and takes a name without a port whole", () => {
    const one = pointsOf("ketama", { name: "10.0.0.1:1883" }, 160);
    expect(new Set(one).size).toBe(160);
    expect(pointsOf("ketama", { name: "10.0.0.1:1883" }, 2)).toEqual(one.slice(0, 2));
    const whole = ["broker", "broker:", "broker:a", "probe", "broker:1883", "broker:1884"];
    const firsts = whole.map((name) => pointsOf("ketama", { name }, 1)[0]);
    // A colon with nothing behind it separates an empty port, which adds nothing to the host.
    expect(firsts[1]).toBe(firsts[0]);
    expect(new Set(firsts).size).toBe(whole.length - 1);
  });
});

describe("ringDensity", () => {
  it("is what HAProxy and nginx have for their types", () => {
    expect(pointCount(16, densityOf("consistent-16", [3, 100]))).toBe(16);
    expect(pointCount(16, densityOf("ketama", [3, 100]))).toBe(160);
    expect(pointCount(1, densityOf("ketama", [0]))).toBe(1);
  });

  it("makes shares even, with fewer points each where there are many servers", () => {
    expect(pointCount(16, densityOf("consistent", [1, 1, 1]))).toBe(1024);
    const many = densityOf("consistent", new Array(1000).fill(4));
    expect(pointCount(64, many)).toBe(263);
    const crowd = densityOf("consistent", new Array(5000).fill(1));
    expect(pointCount(16, crowd)).toBe(128);
  });

  it("is bounded however heavy servers are", () => {
    const servers = new Array(2000).fill(256);
    for (const type of ["consistent-16", "ketama"] as const) {
      const points = 2000 * pointCount(16 * 256, densityOf(type, servers));
      expect(points).toBeLessThan(2 ** 22 + 2000);
    }
  });
});
