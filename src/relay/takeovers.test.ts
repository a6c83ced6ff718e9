import { describe, expect, it } from "vitest";
import {
  CONNACK,
  connectPacket,
  DISCONNECT,
  Scene,
  type SceneOptions,
} from "../../tests/relay/relay-scene.ts";
import { REASON } from "../shm/close-reason.ts";

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
      scene.relay.endConnection(second >> 1, REASON["killed-by-admin"]);
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

  it("leave nobody behind, however they end", () => {
    const scene = new Scene();
    const slots = [1, 2, 3].map(() => letIn(scene, "a"));
    const [byClient, byServer, byUs] = slots as [number, number, number];
    for (const slot of [byClient, byClient ^ 1, byServer ^ 1, byServer]) scene.io.end(slot);
    scene.io.run(() => scene.relay.endConnection(byUs >> 1, REASON["shut-down"]));
    expect(scene.leftovers()).toEqual([]);
  });
});
