import { describe, expect, it } from "vitest";
import { judge } from "./judge.ts";
import { pool, refuse, rewrite, server } from "./policy.ts";

const names = {
  pools: new Map([
    ["blue", 0],
    ["green", 1],
  ]),
  servers: new Map([["green/a", { pool: 1, server: 4 }]]),
};

const judged = (answer: unknown, ownPool = "blue") => judge(answer, names, ownPool);
const nothing = { kind: "route", pool: null, server: null, changes: null };

describe("judge", () => {
  it("turns names into numbers", () => {
    expect(judged(undefined)).toEqual(nothing);
    expect(judged(pool("green"))).toEqual({ ...nothing, pool: 1 });
    expect(judged(server("green/a"))).toEqual({ ...nothing, pool: 1, server: 4 });
    expect(judged(server("a"), "green")).toEqual({ ...nothing, pool: 1, server: 4 });
    const refused = { kind: "refuse", code: 0x87, reason: null, reference: null };
    expect(judged(refuse(0x87))).toEqual(refused);
    expect(judged({ kind: "refuse", code: 0x87 })).toEqual(refused);
    const elsewhere = refuse("server-moved", { reference: "a.example [2001:db8::1]:8883" });
    expect(judged(elsewhere)).toEqual(elsewhere);
  });

  it("turns texts into bytes, and tells what stays from what goes", () => {
    const found = judged(rewrite({ clientId: "ä", userName: null }));
    expect(found).toMatchObject({
      changes: { clientId: Uint8Array.of(0xc3, 0xa4), userName: null },
    });
    expect(found).toHaveProperty("changes.password", undefined);
  });

  it.each([
    [null, "neither undefined nor a decision"],
    ["blue", "neither undefined nor a decision"],
    [{ kind: "else" }, "neither undefined nor a decision"],
    [{ kind: "refuse", code: 5 }, "refused with code 5"],
    [{ kind: "refuse", code: 0x88, reference: "a.example" }, "named another server with code 136"],
    [refuse("server-moved", { reference: "" }), "named another server, but not such as"],
    [refuse("server-moved", { reference: "a.example  b.example" }), "but not such as"],
    [refuse("server-moved", { reference: "a.example\0" }), "but not such as"],
    [refuse("server-moved", { reference: "a".repeat(513) }), "but not such as"],
    [pool("red"), 'there is no pool "red" (there are'],
    [server("a"), 'there is no server "blue/a"'],
    [Promise.resolve(), "returned a promise"],
    [rewrite({ clientId: 7 as unknown as string }), "rewrote clientId to no text"],
    [rewrite({ userProperties: [{}] as unknown as [] }), "no pairs of texts"],
  ])("finds fault with %j", (answer, problem) => {
    const found = judged(answer);
    expect(found.kind === "fault" && found.problem).toContain(problem);
  });
});
