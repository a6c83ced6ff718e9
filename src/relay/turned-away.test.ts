import { describe, expect, it } from "vitest";
import { Scene } from "../../tests/relay/relay-scene.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { REASON } from "../shm/close-reason.ts";

const PEER = makeEndpoint("192.0.2.9", 50_000)!;

describe("TurnedAway.log", () => {
  it("leaves a record of who came, and why there was no room", () => {
    const scene = new Scene({ listener: { connectionsMax: 1 } });
    scene.io.accept();
    expect(scene.io.accept(0, PEER)).toBe(-1);
    expect(scene.finished()).toEqual([
      expect.objectContaining({
        client: PEER,
        listener: 0,
        pool: -1,
        server: -1,
        reason: REASON["listener-full"],
        processActive: 1,
        listenerActive: 1,
        durationMs: 0,
      }),
    ]);
  });

  it("leaves ten a second, and counts the others", () => {
    const scene = new Scene({ listener: { connectionsMax: 1 } });
    scene.io.accept();
    for (let i = 0; i < 25; i++) scene.io.accept();
    expect([scene.finished().length, scene.count("turnedAwayUnlogged")]).toEqual([10, 15]);
    scene.io.pass(1_000);
    scene.io.accept();
    expect([scene.finished().length, scene.count("turnedAwayUnlogged")]).toEqual([1, 15]);
  });
});
