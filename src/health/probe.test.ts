import { describe, expect, it } from "vitest";
import { checkSettings } from "../../tests/fixtures/check-settings.ts";
import { PLAIN_TRANSPORT } from "../../tests/fixtures/plain-plan.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { systemClock } from "./clock.ts";
import { aimAt, overWebSocket, type ProbeParts } from "./probe.ts";
import { BARE_TRANSPORT } from "./probe-transport.ts";
import { makeTcpConversation } from "./tcp-conversation.ts";
import { WebSocketConversation } from "./websocket-conversation.ts";

const target = {
  name: "a",
  endpoint: makeEndpoint("10.0.0.1", 1883)!,
  host: "10.0.0.1",
  transport: PLAIN_TRANSPORT,
};

const parts: ProbeParts = {
  settings: checkSettings(),
  target,
  transport: BARE_TRANSPORT,
  other: () => null,
  clock: systemClock,
};

describe("the parts of a probe", () => {
  it("aimed at another server are spoken as that one is", () => {
    const websocket = { path: "/mqtt", host: "b" };
    const other = { ...target, name: "b", transport: { ...PLAIN_TRANSPORT, websocket } };
    const aimed = aimAt(parts, other);
    expect([aimed.target, aimed.transport.websocket]).toEqual([other, websocket]);
  });

  it("put a conversation into WebSocket only where that is spoken", () => {
    const inner = makeTcpConversation(false);
    expect(overWebSocket(parts, inner)).toBe(inner);
    const transport = { ...BARE_TRANSPORT, websocket: { path: "/", host: "a" } };
    expect(overWebSocket({ ...parts, transport }, inner)).toBeInstanceOf(WebSocketConversation);
  });
});
