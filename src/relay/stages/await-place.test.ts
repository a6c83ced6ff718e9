import { describe, expect, it } from "vitest";
import {
  CONNACK,
  CONNECT,
  CONNECT_5,
  connectPacket,
  PINGREQ,
  Scene,
} from "../../../tests/relay/relay-scene.ts";
import type { HashPlan, StickyQueue } from "../../shm/plan.ts";
import { connectionOf } from "../connections.ts";
import { DIALLING, WAITING } from "../state.ts";

const TIMEOUT_MS = 3_000;

function busy(lengthMax = 0): Scene {
  const queue = { timeoutMs: TIMEOUT_MS, lengthMax, perServerMax: 0 };
  return new Scene({ servers: [{ connectionsMax: 1 }], pool: { queue } });
}

/** Two servers with a place each, and clients that wait for the one of their hash. */
function hashed(perServerMax = 0): Scene {
  const hash: HashPlan = {
    ...{ key: { kind: "client-id" }, type: "consistent", function: "murmur3", avalanche: true },
    ...{ loadMaxPercent: 0, whenFull: "wait" },
  };
  const queue = { timeoutMs: TIMEOUT_MS, lengthMax: 0, perServerMax };
  const servers = [{ connectionsMax: 1 }, { connectionsMax: 1 }];
  const pool = { balance: "hash", hash, queue } as const;
  return new Scene({ servers, pool, connectionsMax: 16 });
}

/** Two servers with a place each, and clients that stick to one. */
function sticky(mode: StickyQueue, perServerMax = 0): Scene {
  const queue = { timeoutMs: TIMEOUT_MS, lengthMax: 0, perServerMax, sticky: mode };
  const servers = [{ connectionsMax: 1 }, { connectionsMax: 1 }];
  return new Scene({ servers, pool: { queue }, stickBy: "client-id" });
}

/** A client that its server has let in. */
function serves(scene: Scene, clientId: string): number {
  const slot = scene.relayed(connectPacket({ clientId }));
  scene.io.bring(slot ^ 1, CONNACK);
  return slot;
}

function serverOf(scene: Scene, slot: number): number {
  return scene.context.connections.server[connectionOf(slot)]!;
}

function stateOf(scene: Scene, slot: number): number {
  return scene.context.connections.state[connectionOf(slot)]!;
}

describe("awaitPlace", () => {
  it("lets clients wait in line and sends them on as places become free", () => {
    const scene = busy();
    const served = scene.accepted();
    const [first, second] = [scene.client(), scene.client(CONNECT_5)];
    expect([first, second].map((slot) => stateOf(scene, slot))).toEqual([WAITING, WAITING]);
    scene.relay.serveWaiting();
    expect(stateOf(scene, first)).toBe(WAITING);
    scene.io.break(served, 104);
    scene.relay.serveWaiting();
    expect([first, second].map((slot) => stateOf(scene, slot))).toEqual([DIALLING, WAITING]);
    scene.io.establish(first ^ 1);
    expect(scene.io.taken(first ^ 1)).toEqual(CONNECT);
    expect(scene.count("queued")).toBe(2);
  });

  it("counts who waits for its own server there, and the others for the pool", () => {
    const queue = { timeoutMs: TIMEOUT_MS, lengthMax: 0, perServerMax: 0 };
    const servers = [{ connectionsMax: 1 }];
    const scene = new Scene({ servers, pool: { queue }, stickBy: "client-id" });
    const { queues } = scene.shared;
    const served = scene.accepted();
    const known = scene.client();
    const other = scene.client(CONNECT.with(-1, 0x7a));
    expect([queues.ofServer(0), queues.ofPool(0)]).toEqual([1, 1]);
    scene.io.end(other);
    scene.io.break(served, 104);
    scene.relay.serveWaiting();
    expect(stateOf(scene, known)).toBe(DIALLING);
    expect([queues.ofServer(0), queues.ofPool(0)]).toEqual([0, 0]);
    expect([queues.mostOfServer(0), queues.mostOfPool(0)]).toEqual([1, 1]);
  });

  it("lets nobody pass by those who wait", () => {
    const scene = busy();
    const served = scene.accepted();
    const first = scene.client();
    scene.io.break(served, 104);
    const late = scene.client();
    expect(stateOf(scene, late)).toBe(WAITING);
    scene.relay.serveWaiting();
    expect([first, late].map((slot) => stateOf(scene, slot))).toEqual([DIALLING, WAITING]);
  });

  it("holds nobody up who waits for another server: a full one has a lane of its own", () => {
    const scene = hashed();
    const comes = (clientId: string) => scene.client(connectPacket({ clientId }));
    const states = (...slots: readonly number[]) => slots.map((slot) => stateOf(scene, slot));
    expect(states(comes("a"), comes("a"), comes("a"))).toEqual([DIALLING, WAITING, WAITING]);
    // The first one who belongs to the other server passes by those who wait for this one.
    let served = -1;
    const id = ["b", "c", "d", "e"].find((each) => {
      served = comes(each);
      return stateOf(scene, served) === DIALLING;
    })!;
    const next = comes(id);
    expect(states(next)).toEqual([WAITING]);
    scene.io.establish(served ^ 1);
    scene.io.bring(served ^ 1, CONNACK);
    scene.io.break(served, 104);
    scene.relay.serveWaiting();
    expect(states(next)).toEqual([DIALLING]);
    expect(scene.context.waiting.count).toBeGreaterThanOrEqual(2);
  });

  it("refuses who comes when as many as may wait for its server, and nobody else", () => {
    const scene = hashed(2);
    const comes = (clientId: string) => scene.client(connectPacket({ clientId }));
    const [, ...waiting] = [comes("a"), comes("a"), comes("a")];
    scene.io.end(comes("a"));
    expect(scene.reasons()).toEqual(["queue-full"]);
    const states = ["b", "c", "d", "e"].map((id) => stateOf(scene, comes(id)));
    expect(states).toContain(DIALLING);
    scene.io.end(waiting[0]!);
    expect(stateOf(scene, comes("a"))).toBe(WAITING);
  });

  it("has a client wait for the server that it sticks to, whoever else has room", () => {
    const scene = sticky("wait");
    const own = serves(scene, "ann");
    const again = scene.client(connectPacket({ clientId: "ann" }));
    expect(stateOf(scene, again)).toBe(WAITING);
    expect(scene.shared.queues.ofServer(serverOf(scene, own))).toBe(1);
    // Nobody else waits, and nobody else takes the place that becomes free.
    const free = serves(scene, "bob");
    expect(serverOf(scene, free)).not.toBe(serverOf(scene, own));
    scene.io.break(own, 104);
    const other = scene.client(connectPacket({ clientId: "eve" }));
    expect(stateOf(scene, other)).toBe(WAITING);
    scene.relay.serveWaiting();
    expect([again, other].map((slot) => stateOf(scene, slot))).toEqual([DIALLING, WAITING]);
    scene.io.break(free, 104);
    scene.relay.serveWaiting();
    expect(stateOf(scene, other)).toBe(DIALLING);
    expect(scene.count("stickHits")).toBe(1);
  });

  it("sends it elsewhere when that server goes, or at the end of its patience away", () => {
    const scene = sticky("wait");
    const own = serves(scene, "ann");
    const [first, second] = [1, 2].map(() => scene.client(connectPacket({ clientId: "ann" })));
    scene.shared.servers.setUp(serverOf(scene, own), false);
    scene.relay.serveWaiting();
    expect(stateOf(scene, first!)).toBe(DIALLING);
    scene.io.pass(TIMEOUT_MS + 1);
    scene.io.end(second!);
    expect(scene.reasons()).toContain("queue-timeout");
  });

  it("refuses a sticky client when as many as may wait for its server, or sends it on", () => {
    for (const mode of ["wait", "wait-or-next"] as const) {
      const scene = sticky(mode, 1);
      const own = serves(scene, "ann");
      const waiting = scene.client(connectPacket({ clientId: "ann" }));
      const late = scene.client(connectPacket({ clientId: "ann" }));
      expect(stateOf(scene, waiting)).toBe(WAITING);
      if (mode === "wait") {
        scene.io.end(late);
        expect(scene.reasons()).toEqual(["queue-full"]);
        continue;
      }
      expect(stateOf(scene, late)).toBe(DIALLING);
      expect(serverOf(scene, late)).not.toBe(serverOf(scene, own));
      // Nobody has room now: who was sent on waits for anybody.
      const last = scene.client(connectPacket({ clientId: "ann" }));
      expect(stateOf(scene, last)).toBe(WAITING);
      expect([scene.shared.queues.ofServer(0), scene.shared.queues.ofPool(0)]).toEqual([1, 1]);
    }
  });

  it("keeps what a client sends meanwhile, in order", () => {
    const scene = busy();
    const served = scene.accepted();
    const slot = scene.client();
    scene.io.bring(slot, PINGREQ);
    scene.io.break(served, 104);
    scene.relay.serveWaiting();
    scene.io.establish(slot ^ 1);
    expect(scene.io.taken(slot ^ 1)).toEqual(Uint8Array.from([...CONNECT, ...PINGREQ]));
    scene.io.bring(slot ^ 1, CONNACK);
    expect(scene.io.taken(slot)).toEqual(CONNACK);
  });

  it("tells a client that waited in vain that the servers are busy", () => {
    const scene = busy();
    scene.accepted();
    const slot = scene.client();
    scene.io.pass(TIMEOUT_MS + 1);
    expect([...scene.io.taken(slot)]).toEqual([0x20, 2, 0, 3]);
    scene.io.end(slot);
    expect(scene.reasons()).toEqual(["queue-timeout"]);
    expect(scene.context.waiting.count).toBe(0);
  });

  it("refuses who comes when the line is full, and forgets who leaves it", () => {
    const scene = busy(1);
    scene.accepted();
    const waiting = scene.client();
    const late = scene.client();
    expect([...scene.io.taken(late)]).toEqual([0x20, 2, 0, 3]);
    scene.io.end(late);
    scene.io.end(waiting);
    expect(scene.reasons()).toEqual(["queue-full", "left-queue"]);
    expect(stateOf(scene, scene.client())).toBe(WAITING);
  });

  it("does not wait without a queue, nor for servers that are down", () => {
    const without = new Scene({ servers: [{ connectionsMax: 1 }] });
    without.accepted();
    without.io.end(without.client());
    expect(without.reasons()).toEqual(["servers-full"]);
    const down = busy();
    down.shared.servers.setUp(0, false);
    down.io.end(down.client());
    expect(down.reasons()).toEqual(["no-server-available"]);
  });
});
