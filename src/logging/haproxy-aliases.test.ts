import { expect, it } from "vitest";
import { endedConnection } from "../../tests/fixtures/ended-connection.ts";
import { ALIASES, EXPRESSIONS } from "./haproxy-aliases.ts";

const sender = { host: "gate", tag: "haproxy", pid: 7 };

it("has a value for every name, whatever was never there", () => {
  const nothing = { listener: 9, pool: -1, server: -1, lastServer: -1, dialMs: -1, queueMs: -1 };
  for (const ended of [endedConnection(), endedConnection(nothing)]) {
    for (const alias of [...Object.values(ALIASES), ...Object.values(EXPRESSIONS)]) {
      const value = alias(ended, sender);
      expect(typeof value === "string" || Number.isInteger(value)).toBe(true);
    }
  }
});

it("tells a server's address from its port, IPv6 included", () => {
  const ended = endedConnection();
  expect([ALIASES["si"]!(ended, sender), ALIASES["sp"]!(ended, sender)]).toEqual([
    "10.0.0.1",
    1883,
  ]);
});

it("keeps the milliseconds of a date at three digits", () => {
  const ended = endedConnection({ startedAtMs: 1_700_000_000_007 });
  expect(ALIASES["ms"]!(ended, sender)).toBe("007");
});
