import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DnsRecord } from "./dns-answer.ts";
import { Slots } from "./slots.ts";

const at = (address: string, weight: number | null = null): DnsRecord => ({
  address,
  port: null,
  weight,
});

const seen = (slots: Slots) => slots.records.map((record) => record?.address ?? null);

describe("Slots", () => {
  it("leaves who stays where it is and gives new ones what is free", () => {
    const slots = new Slots(3);
    expect(slots.fill([at("a"), at("b")])).toBe(true);
    expect(slots.fill([at("b"), at("a")])).toBe(false);
    slots.fill([at("c"), at("b"), at("d")]);
    expect(seen(slots)).toEqual(["c", "b", "d"]);
    slots.fill([at("d")]);
    expect(seen(slots)).toEqual([null, null, "d"]);
  });

  it("counts who finds no slot, and lets them in when one is free", () => {
    const slots = new Slots(1);
    slots.fill([at("a"), at("b"), at("c")]);
    expect([seen(slots), slots.overflow]).toEqual([["a"], 2]);
    slots.fill([at("b"), at("c")]);
    expect([seen(slots), slots.overflow]).toEqual([["b"], 1]);
  });

  it("notices another weight of the same place", () => {
    const slots = new Slots(1);
    slots.fill([at("a", 1)]);
    expect(slots.fill([at("a", 2)])).toBe(true);
    expect(slots.records).toEqual([at("a", 2)]);
  });

  it("never moves a place that stays, never gives one two slots, never leaves room unused", () => {
    const answers = fc.array(fc.uniqueArray(fc.constantFrom(..."abcdefgh"), { maxLength: 8 }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), answers, (count, story) => {
        const slots = new Slots(count);
        for (const addresses of story) {
          const before = seen(slots);
          slots.fill(addresses.map((address) => at(address)));
          const after = seen(slots);
          for (const [slot, address] of before.entries()) {
            if (address !== null && addresses.includes(address)) expect(after[slot]).toBe(address);
          }
          const held = after.filter((address) => address !== null);
          expect(new Set(held).size).toBe(held.length);
          expect(held.length).toBe(Math.min(count, addresses.length));
        }
      }),
    );
  });
});
