import { describe, expect, it } from "vitest";
import type { DnsAnswer, DnsFailure } from "./dns-answer.ts";
import { HeldAnswer } from "./held-answer.ts";

const HOLD = {
  obsoleteMs: 100,
  failureMs: { nx: 1000, refused: 2000, timeout: 3000, other: 0 },
};

function answer(...addresses: string[]): DnsAnswer {
  const records = addresses.map((address) => ({ address, port: null, weight: null }));
  return { records, failure: null };
}

const failed = (failure: DnsFailure): DnsAnswer => ({ records: null, failure, sentence: "no" });

function addresses(held: HeldAnswer): string[] {
  return held.records().map(({ address }) => address);
}

describe("HeldAnswer", () => {
  it("knows nothing before the first answer, whatever fails", () => {
    const held = new HeldAnswer(HOLD);
    held.take(failed("timeout"), 0);
    expect(addresses(held)).toEqual([]);
  });

  it("keeps a record that is gone for as long as it is held", () => {
    const held = new HeldAnswer(HOLD);
    held.take(answer("a", "b"), 0);
    held.take(answer("b", "c"), 99);
    expect(addresses(held)).toEqual(["a", "b", "c"]);
    held.take(answer("b", "c"), 100);
    expect(addresses(held)).toEqual(["b", "c"]);
  });

  it("drops a record at once where nothing is held", () => {
    const held = new HeldAnswer({ ...HOLD, obsoleteMs: 0 });
    held.take(answer("a"), 0);
    held.take(answer("b"), 1);
    expect(addresses(held)).toEqual(["b"]);
  });

  it.each([
    ["nx", 1000],
    ["refused", 2000],
    ["timeout", 3000],
    ["other", 0],
  ] as const)("holds the last answer through %s for %i ms", (failure, heldMs) => {
    const held = new HeldAnswer(HOLD);
    held.take(answer("a"), 500);
    held.take(failed(failure), 500 + heldMs);
    expect(addresses(held)).toEqual(["a"]);
    held.take(failed(failure), 501 + heldMs);
    expect(addresses(held)).toEqual([]);
    held.take(answer("a"), 9000);
    expect(addresses(held)).toEqual(["a"]);
  });

  it("believes an answer that is empty", () => {
    const held = new HeldAnswer({ ...HOLD, obsoleteMs: 0 });
    held.take(answer("a"), 0);
    held.take(answer(), 1);
    expect(addresses(held)).toEqual([]);
  });

  it("takes the latest weight of a place", () => {
    const held = new HeldAnswer(HOLD);
    held.take({ records: [{ address: "a", port: 1, weight: 10 }], failure: null }, 0);
    held.take({ records: [{ address: "a", port: 1, weight: 20 }], failure: null }, 1);
    expect(held.records()).toEqual([{ address: "a", port: 1, weight: 20 }]);
  });
});
