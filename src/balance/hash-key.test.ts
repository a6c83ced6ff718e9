import { describe, expect, it } from "vitest";
import { makeHashRule } from "../../tests/contract/pool-fixture.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { avalanche } from "../bytes/key-hashes.ts";
import { makeChoice } from "./balance.ts";
import { clearKey, hashKey, hashSource, setKey, setSourceKey } from "./hash-key.ts";

const endpoint = makeEndpoint("10.1.2.3", 4000)!;
const bytes = new TextEncoder().encode("xab");

describe("hashKey", () => {
  it("hashes by the rule's function, and mixes once more where it says so", () => {
    const plain = makeHashRule("map-based");
    expect(hashKey(plain, bytes, 1, 2)).toBe(97 * 65_599 + 98);
    const mixed = { ...plain, avalanche: true };
    expect(hashKey(mixed, bytes, 1, 2)).toBe(avalanche(97 * 65_599 + 98));
  });
});

describe("hashSource", () => {
  it("joins the words of an address where HAProxy does, whatever the function", () => {
    const rule = makeHashRule("map-based", { function: "djb2" });
    expect(hashSource(rule, endpoint, 0)).toBe(0x0a010203);
    const ipv6 = makeEndpoint("2001:db8::1:2", 1)!;
    expect(hashSource(rule, ipv6, 0)).toBe(0x20010db8 ^ 0x00010002);
  });

  it("does not depend on the port, nor on what is around", () => {
    for (const type of ["consistent", "consistent-16", "ketama"] as const) {
      const rule = makeHashRule(type);
      const other = new Uint8Array(40).fill(7);
      other.set(makeEndpoint("10.1.2.3", 5)!, 9);
      expect(hashSource(rule, other, 9)).toBe(hashSource(rule, endpoint, 0));
    }
  });
});

describe("setKey", () => {
  it("makes a key of bytes, and none of no bytes", () => {
    const choice = makeChoice(0);
    setKey(choice, makeHashRule("map-based"), bytes, 1, 2);
    expect(choice).toMatchObject({
      keyed: true,
      key: 97 * 65_599 + 98,
      keyOffset: 1,
      keyLength: 2,
    });
    setKey(choice, makeHashRule("map-based"), bytes, 1, 0);
    expect(choice.keyed).toBe(false);
    setSourceKey(choice, makeHashRule("rehash"), endpoint, 0);
    expect(choice).toMatchObject({ keyed: true, keyOffset: 12, keyLength: 4 });
    clearKey(choice);
    expect(choice).toMatchObject({ keyed: false, key: 0, keyLength: 0 });
  });
});
