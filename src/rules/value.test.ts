import { describe, expect, it } from "vitest";
import { makeEndpoint } from "../bytes/endpoint.ts";
import {
  addressValue,
  binaryValue,
  booleanValue,
  canCast,
  cast,
  INTEGER_MAX,
  INTEGER_MIN,
  integerValue,
  leadingInteger,
  textOf,
  textValue,
  type Value,
} from "./value.ts";

const address = (text: string) => addressValue(makeEndpoint(text, 0)!, 0);

describe("cast", () => {
  it.each<[Value, Parameters<typeof cast>[1], Value | null]>([
    [booleanValue(true), "integer", integerValue(1)],
    [booleanValue(false), "text", textValue("0")],
    [integerValue(-5), "text", textValue("-5")],
    [integerValue(0), "boolean", booleanValue(false)],
    [integerValue(0x7f000001), "address", address("127.0.0.1")],
    [integerValue(258), "binary", binaryValue("\0\0\0\0\0\0\x01\x02")],
    [address("10.0.0.1"), "integer", integerValue(0x0a000001)],
    [address("2001:db8::1"), "integer", null],
    [address("2001:db8::1"), "text", textValue("2001:db8::1")],
    [address("10.0.0.1"), "binary", binaryValue("\x0a\0\0\x01")],
    [textValue("12abc"), "integer", integerValue(12)],
    [textValue("abc"), "integer", integerValue(0)],
    [textValue(""), "integer", null],
    [textValue("10.0.0.1"), "address", address("10.0.0.1")],
    [textValue("nowhere"), "address", null],
    [binaryValue("ab\0cd"), "text", textValue("ab")],
    [binaryValue("12"), "integer", null],
    [textValue("x"), "any", textValue("x")],
  ])("%s as %s", (value, type, result) => {
    expect(cast(value, type)).toEqual(result);
  });

  it("is possible for exactly the types that canCast says", () => {
    const types = ["boolean", "integer", "address", "text", "binary"] as const;
    const none = types.flatMap((from) =>
      types.filter((to) => !canCast(from, to)).map((to) => `${from} ${to}`),
    );
    const wanted = ["boolean address", "address boolean"];
    wanted.push("binary boolean", "binary integer", "binary address");
    expect(none.toSorted()).toEqual(wanted.toSorted());
    expect(canCast("any", "address")).toBe(true);
  });
});

describe("integers", () => {
  it("stop at the ends of 64 bits", () => {
    expect(integerValue(2n ** 70n).integer).toBe(INTEGER_MAX);
    expect(integerValue(-(2n ** 70n)).integer).toBe(INTEGER_MIN);
    expect(leadingInteger(`${"9".repeat(40)}x`)).toBe(INTEGER_MAX);
    expect(["-7", "+7", "7.5", " 7"].map(leadingInteger)).toEqual([-7n, 7n, 7n, 0n]);
  });
});

it("textOf gives the text of any value that has one", () => {
  expect([textOf(integerValue(3)), textOf(binaryValue("a"))]).toEqual(["3", "a"]);
});
