import { describe, expect, it } from "vitest";
import {
  CONNACK,
  connectPacket,
  DISCONNECT,
  Scene,
  type SceneOptions,
} from "../../tests/relay/relay-scene.ts";

const REFUSED = Uint8Array.of(0x20, 2, 0, 5);

function letIn(scene: Scene, clientId: string, answer = CONNACK): number {
  const slot = scene.relayed(connectPacket({ clientId }));
  scene.io.bring(slot ^ 1, answer);
  return slot;
}

function takeovers(run: (scene: Scene) => void, options: SceneOptions = {}): number {
  const scene = new Scene(options);
  run(scene);
  return scene.count("takeovers");
}

describe("takeovers", () => {
  it("are clients let in while one of their id is connected", () => {
    const count = takeovers((scene) => {
      letIn(scene, "a");
      letIn(scene, "b");
      letIn(scene, "a");
      letIn(scene, "a");
    });
    expect(count).toBe(2);
  });

  it("are counted, too, where the server ends the older connection before it answers", () => {
    const count = takeovers((scene) => {
      const older = letIn(scene, "a");
      const newer = scene.relayed(connectPacket({ clientId: "a" }));
      scene.io.end(older ^ 1);
      scene.io.bring(newer ^ 1, CONNACK);
    });
    expect(count).toBe(1);
  });

  it("are not those who were refused, or come back after they have left", () => {
    const count = takeovers((scene) => {
      const first = letIn(scene, "a");
      letIn(scene, "a", REFUSED);
      scene.io.bring(first, DISCONNECT);
      scene.io.end(first);
      const second = letIn(scene, "a");
      scene.relay.endConnection(second >> 1, 0);
      letIn(scene, "a");
    });
    expect(count).toBe(0);
  });

  it("are not those who leave their id to the server", () => {
    const count = takeovers((scene) => {
      letIn(scene, "");
      letIn(scene, "");
    });
    expect(count).toBe(0);
  });

  it("leave nobody behind", () => {
    const scene = new Scene();
    for (let i = 0; i < 3; i++) scene.io.end(letIn(scene, "a"));
    const words = scene.context.connections.idPlace;
    expect(words.every((place) => place <= 0)).toBe(true);
    const bytes = new TextEncoder().encode("a");
    expect(scene.context.connectedIds.has(0, bytes, 0, 1)).toBe(false);
  });
});
