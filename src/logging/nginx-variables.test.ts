import { expect, it } from "vitest";
import { endedConnection } from "../../tests/fixtures/ended-connection.ts";
import { VARIABLES } from "./nginx-variables.ts";

const sender = { host: "gate", tag: "nginx", pid: 7 };

it("has a text for every name, whatever was never there", () => {
  const nothing = { listener: 9, pool: -1, server: -1, lastServer: -1, dialMs: -1, queueMs: -1 };
  for (const ended of [endedConnection(), endedConnection(nothing)]) {
    for (const variable of Object.values(VARIABLES)) {
      expect(variable(ended, sender)).toBeTypeOf("string");
    }
  }
});

it("counts the time with a server from the end of the queue", () => {
  const ended = endedConnection({ durationMs: 2_000, queueMs: 500 });
  expect(VARIABLES["upstream_session_time"]!(ended, sender)).toBe("1.500");
});

it("says whether a session was resumed as nginx does", () => {
  const reused = (resumed: boolean) => endedConnection({ detail: { tls: { resumed } } });
  const variable = VARIABLES["ssl_session_reused"]!;
  expect([variable(reused(true), sender), variable(reused(false), sender)]).toEqual(["r", "."]);
});
