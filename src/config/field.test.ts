import { describe, expect, test } from "vitest";
import * as field from "./field.ts";

const KEY = { takesEffect: "live", doc: "A key of the test." } as const;

function takes(schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) {
  return schema.safeParse(value).success;
}

describe("kinds of value", () => {
  test("durations and sizes include both bounds", () => {
    const { schema: duration } = field.duration({ min: "1s", max: "1m" });
    expect(["1s", "60s", "1m"].map((text) => duration.parse(text))).toEqual([1000, 60_000, 60_000]);
    for (const wrong of ["999ms", "60001ms", 5, "5"]) expect(takes(duration, wrong)).toBe(false);
    const { schema: size } = field.size({ min: "1KiB", max: "1MiB" });
    expect([1024, "1024", "1MiB"].map((value) => size.parse(value))).toEqual([1024, 1024, 2 ** 20]);
    for (const wrong of [1023, "2MiB", -1, 1024.5]) expect(takes(size, wrong)).toBe(false);
  });

  test("counts are whole", () => {
    const { schema } = field.countOrAuto({ min: 1, max: 8 });
    for (const right of ["auto", 1, 8]) expect(takes(schema, right)).toBe(true);
    for (const wrong of ["Auto", 0, 9, 1.5, "1", Number.NaN])
      expect(takes(schema, wrong)).toBe(false);
  });

  test("one address to listen on is a list of one", () => {
    const { schema } = field.listenAddresses();
    expect(schema.parse("127.0.0.1:1").map(({ text }) => text)).toEqual(["127.0.0.1:1"]);
    expect(schema.parse(["127.0.0.1:1", "[::]:2"])).toHaveLength(2);
    for (const wrong of [[], "localhost:1", ["127.0.0.1"]])
      expect(takes(schema, wrong)).toBe(false);
  });
});

describe("rows", () => {
  test("carry kind, bounds, unit, default, doc and when a change takes effect", () => {
    const size = field.size({ min: "1KiB", max: "1MiB" });
    const schema = field.withDefault(size, { ...KEY, value: "4KiB" });
    expect(schema.parse(undefined)).toBe(4096);
    expect(field.rows.get(schema)).toMatchObject({
      kind: "size",
      unit: "bytes",
      bounds: "1KiB to 1MiB",
      default: "4KiB",
      secret: false,
      ...KEY,
    });
  });

  test("of required keys have no default, and of optional ones say what counts instead", () => {
    const text = field.text({ max: 5 });
    const required = field.required(text, { ...KEY, placeholder: "x" });
    expect(field.rows.get(required)).toMatchObject({ default: null, placeholder: "x" });
    expect(takes(required, undefined)).toBe(false);
    const optional = field.optional(text, { ...KEY, fallback: "the other one" });
    expect(field.rows.get(optional)?.default).toBe("the other one");
    expect(optional.parse(undefined)).toBeUndefined();
  });

  test("are one for each key, although two keys share a field", () => {
    const text = field.text({ max: 5 });
    const one = field.required(text, { ...KEY, placeholder: "x" });
    const other = field.required(text, { ...KEY, doc: "The other key.", placeholder: "x" });
    expect(field.rows.get(one)?.doc).not.toBe(field.rows.get(other)?.doc);
  });
});

test("NAME_PATTERN takes what fits a label and a shell word", () => {
  for (const name of ["mqtt", "node-1", "a.b_c:1", "1883"])
    expect(name).toMatch(field.NAME_PATTERN);
  for (const name of ["", "-a", "a b", "ä", 'a"', "a/b", "x".repeat(65)]) {
    expect(name).not.toMatch(field.NAME_PATTERN);
  }
});
