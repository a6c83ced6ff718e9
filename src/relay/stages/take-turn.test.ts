import { describe, expect, it } from "vitest";
import { CONNECT_5, connectPacket, Scene } from "../../../tests/relay/relay-scene.ts";
import { makeEndpoint } from "../../bytes/endpoint.ts";
import type { AdmissionPlan } from "../../shm/plan.ts";
import { BUCKET_BYTES, bucketShape } from "../../shm/token-bucket.ts";
import { connectionOf } from "../connections.ts";
import { DIALLING, WAITING } from "../state.ts";

const DELAY_MAX_MS = 3_000;

function admission(given: Partial<AdmissionPlan>): AdmissionPlan {
  const memory = new SharedArrayBuffer(BUCKET_BYTES);
  const limits = { delayMaxMs: DELAY_MAX_MS, waitingMax: 100 };
  return { rate: null, perServer: null, memory, ...limits, ...given };
}

function rated(
  given: Partial<AdmissionPlan>,
  options: Partial<ConstructorParameters<typeof Scene>[0]> = {},
) {
  const { pool, ...rest } = options ?? {};
  return new Scene({
    connectionsMax: 100,
    slabs: 200,
    ...rest,
    pool: { ...pool, admission: admission(given) },
  });
}

function statesOf(scene: Scene, slots: readonly number[]): number[] {
  return slots.map((slot) => scene.context.connections.state[connectionOf(slot)]!);
}

/** A look every 20 ms, as workers do it. */
function pass(scene: Scene, ms: number): void {
  for (let passed = 0; passed < ms; passed += 20) {
    scene.io.pass(20);
    scene.io.run(() => scene.relay.serveWaiting());
  }
}

describe("takeTurn", () => {
  it("lets clients of a pool in at its rate, and holds the others", () => {
    const scene = rated({ rate: bucketShape(10, 2) });
    const slots = Array.from({ length: 5 }, () => scene.client());
    expect(statesOf(scene, slots)).toEqual([DIALLING, DIALLING, WAITING, WAITING, WAITING]);
    pass(scene, 100);
    expect(statesOf(scene, slots)).toEqual([DIALLING, DIALLING, DIALLING, WAITING, WAITING]);
    pass(scene, 200);
    expect(statesOf(scene, slots)).toEqual(Array(5).fill(DIALLING));
    expect(scene.count("delayed")).toBe(3);
  });

  it("sends clients to a server that has room, and holds them where none has", () => {
    const scene = rated({ perServer: bucketShape(1, 1) }, { servers: [{ weight: 200 }, {}] });
    const slots = Array.from({ length: 3 }, () => scene.client());
    expect(statesOf(scene, slots)).toEqual([DIALLING, DIALLING, WAITING]);
    expect([0, 1].map((server) => scene.shared.servers.active(server))).toEqual([1, 1]);
  });

  it("counts connections after a failed attempt, and puts the client in line again", () => {
    const scene = rated(
      { perServer: bucketShape(1, 1) },
      { servers: [{}, {}], pool: { redispatches: 2 } },
    );
    const slots = [scene.client(), scene.client()];
    scene.io.refuse(slots[0]! ^ 1, 111);
    expect(statesOf(scene, slots)).toEqual([WAITING, DIALLING]);
    pass(scene, 1_000);
    expect(statesOf(scene, slots)).toEqual([DIALLING, DIALLING]);
    expect(scene.shared.servers.active(1)).toBe(2);
  });

  it("keeps a known client for its server, and before all others", () => {
    const scene = rated(
      { perServer: bucketShape(1, 1) },
      { servers: [{}, {}], stickBy: "client-id" },
    );
    const known = connectPacket({ clientId: "known" });
    scene.accepted(known);
    scene.accepted(connectPacket({ clientId: "other" }));
    const other = scene.client(connectPacket({ clientId: "late" }));
    const again = scene.client(known);
    expect(statesOf(scene, [other, again])).toEqual([WAITING, WAITING]);
    pass(scene, 1_000);
    expect(scene.context.connections.server[connectionOf(again)]).toBe(0);
  });

  it("lets source networks take turns", () => {
    const scene = rated({ rate: bucketShape(10, 1) });
    const from = (address: string) => scene.client(CONNECT_5, makeEndpoint(address, 4_000)!);
    const crowd = Array.from({ length: 20 }, (_, i) => from(`198.51.100.${i + 1}`));
    const alone = from("203.0.113.9");
    pass(scene, 200);
    expect(statesOf(scene, [alone])).toEqual([DIALLING]);
    expect(statesOf(scene, crowd).filter((state) => state === DIALLING)).toHaveLength(2);
  });

  it("tells those who have waited in vain that too many came at once", () => {
    const scene = rated({ rate: bucketShape(0.1, 1), waitingMax: 1 });
    scene.client(CONNECT_5);
    const waits = scene.client(CONNECT_5);
    const surplus = scene.client(CONNECT_5);
    const code = (slot: number) => {
      const words = scene.io.taken(slot);
      return [words[0], words[3]];
    };
    expect(code(surplus)).toEqual([0x20, 0x9f]);
    pass(scene, DELAY_MAX_MS + 20);
    expect(code(waits)).toEqual([0x20, 0x9f]);
    expect(scene.count("delayed")).toBe(1);
  });

  it("leaves nothing behind when those who wait go", () => {
    const scene = rated({ rate: bucketShape(0.1, 1) });
    const slots = Array.from({ length: 4 }, () => scene.client());
    scene.io.refuse(slots[0]! ^ 1, 111);
    scene.io.end(slots[0]!);
    for (const slot of slots.slice(1)) scene.io.break(slot, 104);
    pass(scene, 100);
    expect(scene.leftovers()).toEqual([]);
  });
});

describe("takeTurn, in a storm", () => {
  it("sends no server more than its rate in any second, and serves everybody in the end", () => {
    const count = 600;
    const perServer = bucketShape(50, 5);
    const scene = rated(
      { perServer, waitingMax: count, delayMaxMs: 60_000 },
      { servers: [{}, {}, {}], connectionsMax: count, slabs: 2 * count },
    );
    const started = scene.io.now;
    for (let i = 0; i < count; i++) scene.client();
    const times = [0, 1, 2].map((): number[] => []);
    for (let seen = 0; seen < count; pass(scene, 20)) {
      for (const { address } of scene.io.dials.slice(seen)) times[address]!.push(scene.io.now);
      seen = scene.io.dials.length;
      expect(scene.io.now - started).toBeLessThan(60_000);
    }
    for (const own of times) {
      own.forEach((from, i) => {
        const inSecond = own.slice(i).filter((at) => at < from + 1_000);
        expect(inSecond.length).toBeLessThanOrEqual(50 + 5);
      });
      expect(own).toHaveLength(count / 3);
    }
  });
});
