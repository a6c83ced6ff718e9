import { describe, expect, it } from "vitest";
import { ask, makeSubject } from "../../tests/fixtures/rule-subject.ts";
import { toByteText } from "./byte-text.ts";
import { murmur2 } from "./hashes.ts";
import { compileGeo, compileMap, compileNginxMap, compileSplit } from "./map-lookup.ts";
import type { MapEntry } from "./plan-types.ts";
import { NOTHING_AROUND } from "./surroundings.ts";
import { integerValue, textValue } from "./value.ts";

const entries = (rows: Record<string, string>): MapEntry[] =>
  Object.entries(rows).map(([key, value]) => ({ key, value }));
const text = (value: string) => textValue(toByteText(value));

describe("maps of HAProxy", () => {
  const rows = { dev: "one", "dev-long": "two", other: "three" };
  const around = { ...NOTHING_AROUND, entries: () => entries(rows) };
  const asked = (expression: string) => ask(expression, makeSubject(), { around });

  it.each([
    ["str(dev),map(x)", "one"],
    ["str(device),map_str(x,none)", "none"],
    ["str(device),map_str(x)", "absent"],
    ["str(dev-longer),map_beg(x)", "two"],
    ["str(another),map_end(x)", "three"],
    ["str(my-dev-),map_sub(x)", "one"],
    ["str(a/other/b),map_dir(x)", "three"],
    ["str(x.other.y),map_dom(x)", "three"],
  ])("%s", (expression, found) => {
    expect(asked(expression)).toBe(found);
  });

  it("lead to numbers and addresses too", () => {
    const numbers = {
      ...around,
      entries: () => entries({ a: "5", "10.0.0.0/8": "7", "1:9": "3" }),
    };
    expect(ask("str(a),map_str_int(x)", makeSubject(), { around: numbers })).toBe(5n);
    expect(ask("ipv4(10.1.1.1),map_ip_int(x)", makeSubject(), { around: numbers })).toBe(7n);
    expect(ask("ipv4(11.1.1.1),map_ip_int(x,-1)", makeSubject(), { around: numbers })).toBe(-1n);
    expect(ask("int(4),map_int(x)", makeSubject(), { around: numbers })).toBe("3");
    const addresses = { ...around, entries: () => entries({ a: "10.0.0.1" }) };
    expect(ask("str(a),map_str_ip(x)", makeSubject(), { around: addresses })).toBe("10.0.0.1");
  });

  it("put groups of a match into the value", () => {
    const lookup = compileMap(entries({ "^(\\w+)-(\\d+)$": "\\2/\\1" }), "reg", true);
    expect([lookup(text("dev-42")), lookup(text("dev"))]).toEqual(["42/dev", null]);
  });
});

describe("compileNginxMap", () => {
  const lookup = compileNginxMap(
    entries({
      hostnames: "",
      default: "other",
      "Exact.example": "exact",
      "*.example": "star",
      ".both.test": "both",
      "mail.*": "front",
      "~^dev-\\d+$": "device",
      "~*^UP": "up",
      "\\default": "the word",
    }),
  );

  it.each([
    ["exact.EXAMPLE", "exact"],
    ["a.b.example", "star"],
    ["both.test", "both"],
    ["x.both.test", "both"],
    ["mail.anything", "front"],
    ["dev-7", "device"],
    ["upper", "up"],
    ["default", "the word"],
    ["nothing", "other"],
  ])("%s gives %s", (value, found) => {
    expect(lookup(text(value))).toBe(found);
  });

  it("gives an empty text without a default", () => {
    expect(compileNginxMap([])(integerValue(1))).toBe("");
  });
});

describe("compileGeo", () => {
  it("takes the narrowest network", () => {
    const rows = entries({ default: "world", "10.0.0.0/8": "ten", "10.1.0.0/16": "inner" });
    const around = { ...NOTHING_AROUND, entries: () => rows };
    const of = (address: string) => ask(`ipv4(${address}),geo(x)`, makeSubject(), { around });
    expect([of("10.1.0.1"), of("10.2.0.1"), of("11.0.0.1")]).toEqual(["inner", "ten", "world"]);
    expect(compileGeo([])(text("x"))).toBe("");
  });
});

describe("compileSplit", () => {
  it("gives each share the hashes that nginx gives it", () => {
    const lookup = compileSplit(entries({ "0.5%": "a", "49.5%": "b", "*": "c" }));
    const bounds = [Math.floor((0xffffffff * 50) / 10_000)];
    bounds.push(bounds[0]! + Math.floor((0xffffffff * 4950) / 10_000));
    const counts = { a: 0, b: 0, c: 0 };
    for (let i = 0; i < 20_000; i++) {
      const hash = murmur2(`client-${i}`);
      const share = hash < bounds[0]! ? "a" : hash < bounds[1]! ? "b" : "c";
      expect(lookup(text(`client-${i}`))).toBe(share);
      counts[share]++;
    }
    expect(counts.a).toBeGreaterThan(50);
    expect(Math.abs(counts.b - 9900)).toBeLessThan(400);
  });

  it("leaves the rest with nothing when there is no star", () => {
    expect(compileSplit(entries({ "0%": "a" }))(text("x"))).toBe("");
  });
});
