import { describe, expect, test } from "vitest";
import { formatEndpoint, makeEndpoint } from "../bytes/endpoint.ts";
import * as field from "./transport-field.ts";

function takes(schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) {
  return schema.safeParse(value).success;
}

describe("parseNetwork", () => {
  test("counts bits of the IPv6 address, also for IPv4", () => {
    const read = (text: string) => {
      const network = field.parseNetwork(text);
      return network && [formatEndpoint(network.endpoint, 0), network.prefixBits];
    };
    expect(read("10.0.0.0/8")).toEqual(["10.0.0.0:0", 104]);
    expect(read("10.0.0.1")).toEqual(["10.0.0.1:0", 128]);
    expect(read("0.0.0.0/0")).toEqual(["0.0.0.0:0", 96]);
    expect(read("2001:db8::/32")).toEqual(["[2001:db8::]:0", 32]);
    expect(read("::/0")).toEqual(["[::]:0", 0]);
  });

  test("refuses what is none", () => {
    for (const text of ["10.0.0.0/33", "::/129", "10.0.0/8", "lan", "10.0.0.0/", "10.0.0.0/-1", ""])
      expect(field.parseNetwork(text), text).toBeNull();
  });
});

describe("kinds of value", () => {
  test("files are paths", () => {
    const { schema } = field.file();
    for (const right of ["a.pem", "/etc/a b.pem"]) expect(takes(schema, right)).toBe(true);
    for (const wrong of ["", "a\0b", 5]) expect(takes(schema, wrong)).toBe(false);
  });

  test("lists are bounded, and so are their texts", () => {
    const { schema } = field.texts({ max: 2, pattern: /^\/.*$/, expected: "paths" });
    expect(schema.parse(["/a", "/b"])).toEqual(["/a", "/b"]);
    for (const wrong of [["a"], ["/a", "/b", "/c"], "/a", [`/${"a".repeat(256)}`]])
      expect(takes(schema, wrong)).toBe(false);
    const words = field.choices(["one", "two"]);
    expect(words.schema.parse(["two"])).toEqual(["two"]);
    expect(takes(words.schema, ["three"])).toBe(false);
    expect(takes(field.networks().schema, ["10.0.0.1", "10.0.0.0/99"])).toBe(false);
  });

  test("sources are the client, or an address without a port", () => {
    const { schema } = field.sourceAddress();
    expect(schema.parse("client")).toEqual({ kind: "client" });
    expect(schema.parse("::1")).toMatchObject({ kind: "addresses" });
    const several = ["10.0.0.1", "10.0.0.2"].map((text) => makeEndpoint(text, 0));
    expect(schema.parse(["10.0.0.1", "10.0.0.2"])).toEqual({
      kind: "addresses",
      endpoints: several,
    });
    for (const wrong of ["10.0.0.1:80", "server", "", [], ["client"], Array(65).fill("10.0.0.1")])
      expect(takes(schema, wrong)).toBe(false);
  });

  test("orFalse takes false for none", () => {
    const { schema, expected } = field.orFalse(field.file());
    expect([schema.parse(false), schema.parse("a")]).toEqual([false, "a"]);
    expect(takes(schema, true)).toBe(false);
    expect(expected).toBe("false or the path of a PEM file");
  });

  test("server names may have a star in front, and nowhere else", () => {
    expect(takes(field.serverNames().schema, { "a.example": "p" })).toBe(true);
    const isName = (name: string) => field.SERVER_NAME_PATTERN.test(name);
    for (const right of ["a", "a.example", "*.a.example", "x_1.a-b.example"])
      expect(isName(right), right).toBe(true);
    for (const wrong of ["*", "*.", "a.*.example", ".a", "a.", "a..b", "", `${"a".repeat(64)}.b`])
      expect(isName(wrong), wrong).toBe(false);
  });
});
