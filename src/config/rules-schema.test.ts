import { describe, expect, test } from "vitest";
import { counterTableSchema, listenerRuleKeys, poolRuleKeys } from "./rules-schema.ts";

const { limits, acls, rules } = listenerRuleKeys;

describe("rates", () => {
  test.each([
    ["5/s", { count: 5, periodMs: 1_000 }],
    ["100/10s", { count: 100, periodMs: 10_000 }],
    ["30/m", { count: 30, periodMs: 60_000 }],
    ["1/500ms", { count: 1, periodMs: 500 }],
    ["0/d", null],
    ["9/1d", { count: 9, periodMs: 86_400_000 }],
    ["9/2d", null],
    ["5/10ms", null],
    ["5 a second", null],
    ["-1/s", null],
  ])("%s", (rate, expected) => {
    const parsed = limits.safeParse({ perAddress: { rate } });
    expect(parsed.success ? parsed.data.perAddress?.rate : null).toEqual(expected);
  });
});

describe("tables of counters", () => {
  const storeOf = (...store: unknown[]) => {
    const parsed = counterTableSchema.schema.safeParse({ key: "address", store });
    return parsed.success ? parsed.data.store : null;
  };

  test("store connections unless told otherwise", () => {
    expect(counterTableSchema.schema.parse({ key: "text" })).toEqual({
      ...{ key: "text", size: 100_000, expire: 600_000 },
      store: [{ field: "conn_cur" }, { field: "conn_cnt" }],
    });
  });

  test("take counters as HAProxy writes them, or as mappings", () => {
    expect(storeOf("conn_cur", "conn_rate(10s)", { field: "gpc0_rate", period: "1m" })).toEqual([
      { field: "conn_cur" },
      { field: "conn_rate", period: 10_000 },
      { field: "gpc0_rate", period: 60_000 },
    ]);
    expect(storeOf()).toEqual([]);
    expect(storeOf("conn_rate(10)")).toBe(null);
    expect(storeOf("conn_rate(1ms)")).toBe(null);
    expect(storeOf("flavour")).toBe(null);
    expect(storeOf({ field: "flavour" })).toBe(null);
  });
});

describe("acls and rules", () => {
  test("are nothing unless they are written", () => {
    expect(acls.parse(undefined)).toEqual({});
    expect(rules.parse(undefined)).toEqual({ connection: [], session: [], content: [], pool: [] });
    expect(poolRuleKeys.rules.parse(undefined)).toEqual({ content: [], server: [] });
  });

  test("take one text or several for an acl, and lists of texts for rules", () => {
    const written = { a: "src 10.0.0.0/8", b: ["src 10.0.0.0/8", "src 192.0.2.1"] };
    expect(acls.parse(written)).toEqual({ ...written, a: [written.a] });
    expect(acls.safeParse({ a: [] }).success).toBe(false);
    expect(rules.safeParse({ content: "accept" }).success).toBe(false);
    expect(rules.safeParse({ server: ["use-server a"] }).success).toBe(false);
  });
});
