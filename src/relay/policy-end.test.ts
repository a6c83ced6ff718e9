import { describe, expect, it } from "vitest";
import { Scene } from "../../tests/relay/relay-scene.ts";
import { connectionOf } from "./connections.ts";
import { EndView } from "./policy-end.ts";

describe("EndView", () => {
  it("says who the client was and where it went", () => {
    const scene = new Scene();
    const slot = scene.accepted();
    scene.io.pass(1_500);
    const view = new EndView(scene.context).open(connectionOf(slot));
    expect(view.clientId).toBe("device-1");
    expect(view.server).toBe("s0");
    expect(view.durationMs).toBe(1_500);
    expect(view.bytesFromServer).toBe(4);
  });

  it("cannot be read once the hook has returned", () => {
    const scene = new Scene();
    const view = new EndView(scene.context).open(connectionOf(scene.accepted()));
    view.close();
    expect(() => view.clientId).toThrow("Cannot read an end: its hook has returned");
  });
});
