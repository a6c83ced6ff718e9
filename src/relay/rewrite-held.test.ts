import { describe, expect, it } from "vitest";
import { connectPacket, Scene } from "../../tests/relay/relay-scene.ts";
import { SLAB_SIZE } from "../io/slab-pool.ts";
import { ConnectInspector } from "../mqtt/connect.ts";
import { parseRule } from "../rules/parse-rule.ts";

const inspector = new ConnectInspector();

function rewritten(rule: string, sent: Uint8Array, slabs = 16): { scene: Scene; slot: number } {
  const scene = new Scene({ listener: { rules: [parseRule(rule, "content").plan!] }, slabs });
  return { scene, slot: scene.client(sent) };
}

describe("rewriteHeld", () => {
  it("takes the place of what is held, whatever its size", () => {
    for (const length of [0, 1, 100, SLAB_SIZE + 50]) {
      const clientId = "x".repeat(length);
      const { scene, slot } = rewritten(
        "set-client-id n-%[mqtt.client_id]",
        connectPacket({ clientId }),
      );
      scene.io.establish(slot ^ 1);
      const got = scene.io.taken(slot ^ 1);
      expect(inspector.inspect(got, 0, got.length, 65_536)).toBe(got.length);
      expect(inspector.clientIdLength).toBe(length + 2);
    }
  });
});
