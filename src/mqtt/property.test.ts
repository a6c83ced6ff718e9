import { describe, expect, test } from "vitest";
import { field, integer32, section } from "../../tests/fuzz/connect-corpus.ts";
import {
  hasWildcard,
  IN_CONNECT,
  IN_WILL,
  NO_PROPERTY,
  Property,
  PropertyCursor,
} from "./property.ts";
import { Rule } from "./rule.ts";

const cursor = new PropertyCursor();

function open(bytes: readonly number[], place = IN_CONNECT): number {
  const arena = Uint8Array.from([7, ...bytes]);
  return cursor.open(arena, 1, arena.length, place);
}

// A value of the right form for every property that a CONNECT may carry (5.0, 3.1.2.11, 3.1.3.2).
const CARRIED: readonly (readonly [identifier: number, place: number, value: number[]])[] = [
  [Property.sessionExpiryInterval, IN_CONNECT, integer32(0)],
  [Property.receiveMaximum, IN_CONNECT, [0, 1]],
  [Property.maximumPacketSize, IN_CONNECT, integer32(1)],
  [Property.topicAliasMaximum, IN_CONNECT, [0, 0]],
  [Property.requestResponseInformation, IN_CONNECT, [0]],
  [Property.requestProblemInformation, IN_CONNECT, [1]],
  [Property.userProperty, IN_CONNECT, [...field("n"), ...field("v")]],
  [Property.authenticationMethod, IN_CONNECT, field("m")],
  [Property.authenticationData, IN_CONNECT, field([0])],
  [Property.willDelayInterval, IN_WILL, integer32(0)],
  [Property.payloadFormatIndicator, IN_WILL, [1]],
  [Property.messageExpiryInterval, IN_WILL, integer32(0)],
  [Property.contentType, IN_WILL, field("t")],
  [Property.responseTopic, IN_WILL, field("r")],
  [Property.correlationData, IN_WILL, field([0xff])],
  [Property.userProperty, IN_WILL, [...field(""), ...field("")]],
];

describe("PropertyCursor", () => {
  test("takes exactly the properties that the specification puts in each place", () => {
    for (const place of [IN_CONNECT, IN_WILL]) {
      for (let identifier = 0; identifier < 256; identifier++) {
        const row = CARRIED.find((known) => known[0] === identifier && known[1] === place);
        const known = Object.values(Property).some((value) => value === identifier);
        const value = row?.[2] ?? [0, 0, 0, 0];
        expect(open(section([identifier, ...value]), place)).toBe(0);
        const refusal = known ? -Rule.propertyMisplaced : -Rule.propertyUnknown;
        expect([identifier, cursor.next()]).toEqual([identifier, row ? identifier : refusal]);
        if (row) expect(cursor.next()).toBe(NO_PROPERTY);
      }
    }
  });

  test.each(CARRIED)("property %i twice: only User Property may be", (identifier, place, value) => {
    expect(open(section([identifier, ...value], [identifier, ...value]), place)).toBe(0);
    expect(cursor.next()).toBe(identifier);
    const repeatable = identifier === Property.userProperty;
    expect(cursor.next()).toBe(repeatable ? identifier : -Rule.propertyTwice);
  });

  test.each(CARRIED)("property %i cut anywhere is truncated", (identifier, place, value) => {
    for (let kept = 0; kept < value.length; kept++) {
      expect(open(section([identifier, ...value.slice(0, kept)]), place)).toBe(0);
      expect(cursor.next()).toBe(-Rule.propertyTruncated);
    }
  });

  test("repetitions are of one section, not of the one before", () => {
    const bytes = section([Property.receiveMaximum, 0, 1]);
    for (let round = 0; round < 2; round++) {
      expect(open(bytes)).toBe(0);
      expect(cursor.next()).toBe(Property.receiveMaximum);
    }
  });

  test("integers of 32 bits are not negative", () => {
    open(section([Property.sessionExpiryInterval, 0xff, 0xff, 0xff, 0xfe]));
    cursor.next();
    expect(cursor.value).toBe(0xfffffffe);
  });

  test("a pair says where its name and its value are", () => {
    open(section([Property.userProperty, ...field("ab"), ...field("c")]));
    expect(cursor.next()).toBe(Property.userProperty);
    expect([cursor.valueOffset, cursor.valueLength]).toEqual([5, 2]);
    expect([cursor.secondOffset, cursor.secondLength]).toEqual([9, 1]);
  });

  test("an empty section has no properties, a missing one is refused", () => {
    expect(open(section())).toBe(0);
    expect(cursor.next()).toBe(NO_PROPERTY);
    expect(open([])).toBe(-Rule.truncated);
  });
});

describe("hasWildcard", () => {
  test("sees # and + inside the topic and not beside it", () => {
    const bytes = Uint8Array.from(Buffer.from("#a/b+"));
    expect(hasWildcard(bytes, 1, 3)).toBe(false);
    expect(hasWildcard(bytes, 0, 1)).toBe(true);
    expect(hasWildcard(bytes, 1, 4)).toBe(true);
  });
});
