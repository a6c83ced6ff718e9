import { describe, expect, it } from "vitest";
import { pool, refuse, rewrite, server } from "./policy.ts";

describe("decisions", () => {
  it("name a pool or a server", () => {
    expect(pool("blue")).toMatchObject({ kind: "route", pool: "blue", server: null });
    expect(server("blue/a")).toMatchObject({ kind: "route", pool: null, server: "blue/a" });
  });

  it("rewrite on the way to one", () => {
    const changes = { clientId: "x" };
    expect(rewrite(changes)).toEqual({ kind: "route", pool: null, server: null, changes });
    expect(rewrite(changes, pool("blue"))).toMatchObject({ pool: "blue", changes });
  });

  it("refuse with a code that says so", () => {
    expect(refuse(0x87, "no")).toEqual({
      ...{ kind: "refuse", code: 0x87 },
      ...{ reason: "no", reference: null },
    });
    for (const code of [0, 5, 0x7f, 0xa0, 0.5]) expect(() => refuse(code)).toThrow(RangeError);
    expect(() => refuse("elsewhere" as "server-moved")).toThrow(RangeError);
  });

  it("refuse with a code that sends clients elsewhere, and say where", () => {
    const nothing = { kind: "refuse", reason: null, reference: null };
    expect(refuse("use-another-server")).toEqual({ ...nothing, code: 0x9c });
    const words = { reason: "Upgrade", reference: "b.example:8883" };
    expect(refuse("server-moved", words)).toEqual({ ...nothing, ...words, code: 0x9d });
  });
});
