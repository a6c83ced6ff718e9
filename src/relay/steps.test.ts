import { describe, expect, it } from "vitest";
import { CLOSE_REASONS } from "../shm/close-reason.ts";
import { CONNECTION_STATES } from "../shm/connection-columns.ts";
import { type ListenerPlan, PLAIN_LISTENER, type TlsListenerPlan } from "../shm/plan.ts";
import { deadlineOf, firstState, lateReason, leftReason, stateAfter } from "./steps.ts";

const PLAIN: ListenerPlan = {
  name: "mqtt",
  fd: 3,
  pool: 0,
  protocol: "mqtt",
  connectionsMax: 0,
  connectSizeMaxBytes: 1_000,
  connectDeadlineMs: 5,
  ...PLAIN_LISTENER,
};
const PROXIED = { proxyProtocol: { mode: "required", from: [], deadlineMs: 1 } } as const;
const TLS = { tls: { handshakeDeadlineMs: 2 } as TlsListenerPlan };
const WEBSOCKET = {
  websocket: { paths: ["/mqtt"], origins: [], frameSizeMaxBytes: 1, deadlineMs: 4 },
};

function walk(listener: ListenerPlan): string[] {
  const names = [];
  let state = firstState(listener);
  while (CONNECTION_STATES[state] !== "dialling") {
    names.push(`${CONNECTION_STATES[state]} ${deadlineOf(listener, state)}`);
    state = stateAfter(listener, state);
  }
  return names;
}

describe("stateAfter", () => {
  it.each([
    [PLAIN, ["reading-connect 5"]],
    [{ ...PLAIN, protocol: "tcp" } as const, []],
    [{ ...PLAIN, protocol: "tls" } as const, ["reading-hello 5"]],
    [{ ...PLAIN, ...TLS }, ["reading-hello 2", "shaking-hands 2", "reading-connect 5"]],
    [{ ...PLAIN, ...WEBSOCKET }, ["upgrading 4", "reading-connect 5"]],
    [
      { ...PLAIN, ...PROXIED, ...TLS, ...WEBSOCKET },
      [
        "reading-proxy-header 1",
        "reading-hello 2",
        "shaking-hands 2",
        "upgrading 4",
        "reading-connect 5",
      ],
    ],
  ])("walks through what the listener has, each step in its own time", (listener, states) => {
    expect(walk(listener)).toEqual(states);
  });
});

describe("lateReason and leftReason", () => {
  it("say which step it was", () => {
    const listener = { ...PLAIN, ...PROXIED, ...TLS, ...WEBSOCKET };
    const reasons = [];
    for (let state = firstState(listener); CONNECTION_STATES[state] !== "dialling"; ) {
      const names = [lateReason(state), leftReason(state)].map((row) => CLOSE_REASONS[row]!.name);
      reasons.push(names.join(" "));
      state = stateAfter(listener, state);
    }
    expect(reasons).toEqual([
      "proxy-header-deadline closed-before-connect",
      "tls-deadline tls-abandoned",
      "tls-deadline tls-abandoned",
      "upgrade-deadline closed-before-connect",
      "connect-deadline closed-before-connect",
    ]);
  });
});
