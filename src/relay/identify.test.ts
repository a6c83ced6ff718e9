import { describe, expect, it } from "vitest";
import { connectPacket, Scene } from "../../tests/relay/relay-scene.ts";
import type { KeyStore } from "./key-store.ts";

function textOf(store: KeyStore, connection = 0): string {
  const offset = store.offsetOf(connection);
  const end = offset + store.lengthOf(connection);
  return new TextDecoder().decode(store.bytesOf(connection).slice(offset, end));
}

const CONNECT = connectPacket({
  level: 5,
  clientId: "meter-7",
  userName: "tenant",
  keepAliveSeconds: 90,
});

describe("identify", () => {
  it("keeps the client id and what counts later", () => {
    const { context } = sceneFor("client-id");
    expect(textOf(context.connections.clientIds)).toBe("meter-7");
    expect(context.connections.keepAlive[0]).toBe(90);
    expect(textOf(context.connections.stickKeys.of(0))).toBe("");
  });

  it("keeps the user name where clients are known by it", () => {
    expect(textOf(sceneFor("user-name").context.connections.stickKeys.of(0))).toBe("tenant");
  });
});

function sceneFor(stickBy: "client-id" | "user-name"): Scene {
  const scene = new Scene({ stickBy });
  scene.client(CONNECT);
  return scene;
}
