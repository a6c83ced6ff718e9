import { describe, expect, it } from "vitest";
import { Scene } from "../../tests/relay/relay-scene.ts";
import { BUCKET_BYTES, bucketShape } from "../shm/token-bucket.ts";

function rated(perSecond: number): Scene {
  const memory = new SharedArrayBuffer(BUCKET_BYTES);
  const handshakes = { rate: bucketShape(perSecond, 2), memory };
  return new Scene({ listener: { handshakes }, connectionsMax: 20 });
}

function heard(scene: Scene, slots: readonly number[]): boolean[] {
  return slots.map((slot) => scene.io.socket(slot).receiving);
}

describe("the line before TLS handshakes", () => {
  it("lets clients begin at the rate, and does not read the others meanwhile", () => {
    const scene = rated(10);
    const slots = [0, 1, 2, 3].map(() => scene.io.accept(0));
    expect(heard(scene, slots)).toEqual([true, true, false, false]);
    scene.io.pass(100);
    scene.io.run(() => scene.relay.serveWaiting());
    expect(heard(scene, slots)).toEqual([true, true, true, false]);
    scene.io.pass(100);
    scene.io.run(() => scene.relay.serveWaiting());
    expect(heard(scene, slots)).toEqual([true, true, true, true]);
    expect(scene.count("handshakesDelayed")).toBe(2);
  });

  it("forgets who has waited for too long", () => {
    const scene = rated(0.001);
    for (let i = 0; i < 4; i++) scene.io.accept(0);
    expect(scene.context.handshakeLine.count).toBe(2);
    scene.io.pass(20_000);
    expect(scene.context.handshakeLine.count).toBe(0);
  });

  it("is not there where nobody wants it", () => {
    const scene = new Scene();
    expect(heard(scene, [scene.io.accept(0)])).toEqual([true]);
  });
});
