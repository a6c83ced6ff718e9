import { describe, expect, it } from "vitest";
import { CONNECT, connectPacket, DISCONNECT, Scene } from "../../tests/relay/relay-scene.ts";
import { ADMIN_DRAIN, ADMIN_MAINTENANCE, EVICTING_ALL } from "../shm/server-state.ts";
import { createIdTable, NO_TIME, nameConnection } from "../stick/id-table.ts";
import { makeStickKey } from "../stick/stick-key.ts";
import { StickTable } from "../stick/stick-table.ts";

const OTHER = connectPacket({ clientId: "device-2" });

function makeScene(size = 100) {
  const memory = createIdTable(size, 7);
  const scene = new Scene({ servers: [{}, {}, {}], pool: { takeover: memory } });
  return { scene, table: new StickTable(memory, 1) };
}

function keyOf(id: string) {
  const bytes = new TextEncoder().encode(id);
  return Object.assign(makeStickKey(), { bytes, length: bytes.length });
}

describe("an id that is connected", () => {
  it("is sent to its server again, as often as it comes", () => {
    const { scene } = makeScene();
    scene.accepted();
    scene.accepted(OTHER);
    for (let i = 0; i < 3; i++) {
      scene.accepted();
      expect(scene.lastDialled).toBe(0);
    }
    expect(scene.count("takeoversDirected")).toBe(3);
  });

  it("is known from its CONNACK on, not before", () => {
    const { scene } = makeScene();
    scene.relayed();
    scene.relayed();
    expect(scene.lastDialled).toBe(1);
    expect(scene.count("takeoversDirected")).toBe(0);
  });

  it("is balanced like any other once its connection has ended", () => {
    const { scene, table } = makeScene();
    const slot = scene.accepted();
    scene.io.bring(slot, DISCONNECT);
    scene.io.end(slot);
    scene.io.end(slot ^ 1);
    expect(scene.leftovers()).toEqual([]);
    expect(table.count()).toBe(0);
    scene.accepted();
    expect(scene.lastDialled).toBe(1);
  });

  it("stays known when the connection ends that another one has taken over from", () => {
    const { scene, table } = makeScene();
    const old = scene.accepted();
    scene.accepted();
    scene.io.end(old ^ 1);
    scene.io.end(old);
    expect(table.count()).toBe(1);
    scene.accepted();
    expect(scene.lastDialled).toBe(0);
  });

  it("is found whichever worker it is with, and let be by the others", () => {
    const { scene, table } = makeScene();
    table.store(keyOf("device-1"), { server: 2, identity: nameConnection(1, 0) }, NO_TIME);
    const slot = scene.accepted();
    expect(scene.lastDialled).toBe(2);
    table.store(keyOf("device-1"), { server: 2, identity: nameConnection(1, 4) }, NO_TIME);
    scene.io.end(slot);
    scene.io.end(slot ^ 1);
    expect(table.count()).toBe(1);
  });

  it("goes where there is room when its server takes nobody, or is not of the pool", () => {
    for (const [admin, evicting] of [
      [ADMIN_MAINTENANCE, 0],
      [ADMIN_DRAIN, EVICTING_ALL],
    ] as const) {
      const { scene } = makeScene();
      scene.accepted();
      scene.shared.servers.setAdmin(0, admin);
      scene.shared.servers.setEvicting(0, evicting);
      scene.accepted();
      expect(scene.lastDialled).not.toBe(0);
    }
    const { scene, table } = makeScene();
    table.store(keyOf("device-1"), { server: 9, identity: nameConnection(1, 0) }, NO_TIME);
    scene.accepted();
    expect(scene.lastDialled).toBe(0);
  });

  it("goes back to a server that drains and keeps those it has", () => {
    const { scene } = makeScene();
    scene.accepted();
    scene.shared.servers.setAdmin(0, ADMIN_DRAIN);
    scene.accepted();
    expect(scene.lastDialled).toBe(0);
  });

  it("makes room for others in a full table, which is counted", () => {
    const { scene, table } = makeScene(1);
    scene.accepted();
    scene.accepted(OTHER);
    expect(table.count()).toBe(1);
    expect(scene.count("idsEvicted")).toBe(1);
  });

  it("is nobody's business where the pool does not want it", () => {
    const scene = new Scene({ servers: [{}, {}] });
    scene.accepted(CONNECT);
    scene.accepted(CONNECT);
    expect([scene.lastDialled, scene.count("takeoversDirected")]).toEqual([1, 0]);
  });
});
