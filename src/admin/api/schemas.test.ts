import { describe, expect, it } from "vitest";
import { connectionQuery, entryQuery, serverChange } from "./schemas.ts";

describe("schemas of requests", () => {
  it("fill in what is left out", () => {
    expect(connectionQuery.parse({})).toEqual({ sort: "age", offset: 0, limit: 100 });
    expect(entryQuery.parse({ limit: "5" })).toEqual({ cursor: "0-0", limit: 5 });
  });

  it("know no key but their own", () => {
    expect(connectionQuery.safeParse({ clinet: "a" }).success).toBe(false);
    expect(serverChange.safeParse({ weight: 1, x: 1 }).success).toBe(false);
    expect(serverChange.safeParse({ weight: null }).success).toBe(true);
    expect(entryQuery.safeParse({ cursor: "../.." }).success).toBe(false);
  });
});
