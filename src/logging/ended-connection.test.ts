import { describe, expect, it } from "vitest";
import { endedConnection, NAMES } from "../../tests/fixtures/ended-connection.ts";
import { PHASE_REQUEST } from "../shm/log-ring.ts";
import { EndedConnection } from "./ended-connection.ts";

describe("EndedConnection", () => {
  it("has names for numbers", () => {
    const ended = endedConnection({ listener: 1 });
    expect([ended.listener?.name, ended.listenerKey, ended.pool]).toEqual([
      "mqtts/2",
      "mqtts",
      "brokers",
    ]);
    expect([ended.server?.name, ended.client, ended.version]).toEqual([
      "b1",
      "198.51.100.7:50000",
      "5.0",
    ]);
  });

  it("has none for what is gone, and for reasons of another version", () => {
    const ended = endedConnection({ listener: 9, server: -1 });
    expect([ended.listener, ended.listenerKey, ended.server]).toEqual([null, null, null]);
    const unknown = new EndedConnection({ ...ended.record, reason: 250 }, NAMES);
    expect(unknown.reason.name).toBe("unknown");
  });

  it("counts its pool itself where the worker has not", () => {
    const { record } = endedConnection({ poolActive: -1 });
    expect(new EndedConnection(record, NAMES, () => 77).poolActive).toBe(77);
    expect(endedConnection().poolActive).toBe(6);
    expect(endedConnection({ phase: PHASE_REQUEST, queueMs: -1 }).poolActive).toBe(0);
  });

  it("cuts long client ids", () => {
    expect(endedConnection({ clientId: "x".repeat(600) }).clientId).toBe(`${"x".repeat(512)}…`);
  });
});
