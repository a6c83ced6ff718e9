import { describe, expect, it } from "vitest";
import { CONNECT, CONNECT_5, Scene } from "../../tests/relay/relay-scene.ts";
import { AssertionFailure } from "../assert.ts";
import { REASON } from "../shm/close-reason.ts";
import { CLOSING, LINGERING } from "./state.ts";

describe("Ending", () => {
  it("closes both sides, once, whoever asks again", () => {
    const scene = new Scene();
    const slot = scene.accepted();
    scene.io.run(() => {
      for (let i = 0; i < 3; i++) scene.relay.endConnection(0, REASON["killed-by-admin"]);
    });
    expect(scene.io.closes.filter((closed) => closed === slot)).toHaveLength(1);
    expect(scene.reasons()).toEqual(["killed-by-admin"]);
    expect(scene.leftovers()).toEqual([]);
  });

  it("waits for a client that has been told something to close, and no longer than that", () => {
    const scene = new Scene();
    const slot = scene.accepted(CONNECT_5);
    scene.io.run(() => scene.relay.endConnection(0, REASON["shut-down"]));
    expect(scene.context.connections.state[0]).toBe(LINGERING);
    expect(scene.io.socket(slot ^ 1).phase).toBe("free");
    scene.io.pass(2_001);
    expect(scene.reasons()).toEqual(["shut-down"]);
  });

  it("resets both sides after a breakdown", () => {
    const scene = new Scene();
    const slot = scene.relayed(CONNECT);
    scene.io.run(() => {
      scene.relay.endConnection(0, REASON["server-websocket-violation"]);
      expect(scene.context.connections.state[0]).toBe(CLOSING);
      expect([slot, slot ^ 1].map((each) => scene.io.socket(each).wasReset)).toEqual([true, true]);
    });
  });

  it("does not end what never began", () => {
    const scene = new Scene();
    expect(() => scene.relay.closeNow(0)).not.toThrow(AssertionFailure);
  });
});
