import { describe, expect, it } from "vitest";
import { CONNACK, connectPacket, Scene } from "../../tests/relay/relay-scene.ts";
import type { BalanceName } from "../balance/balance.ts";
import { connectionOf } from "./connections.ts";
import { DIALLING, WAITING } from "./state.ts";

const QUEUE = { timeoutMs: 3_000, lengthMax: 0, perServerMax: 0 };

interface Rising {
  readonly fullAt: number;
  readonly balance?: BalanceName;
  readonly hasQueue?: boolean;
}

/** Two servers: the limit of the first rises from 1 to 4, the other one has none. */
function rising({ fullAt, balance = "first", hasQueue = true }: Rising): Scene {
  const queue = hasQueue ? QUEUE : null;
  const scene = new Scene({
    servers: [{ connectionsMax: 4 }, { connectionsMax: 100 }],
    pool: { balance, queue, ramp: { fullAt, servers: [0] } },
    connectionsMax: 64,
    slabs: 64,
  });
  scene.shared.servers.setConnectionsFrom(0, 1);
  return scene;
}

let count = 0;

/** @returns the number of the server of one more client; or -1 */
function come(scene: Scene): number {
  const slot = scene.client(connectPacket({ clientId: `c${count++}` }));
  const { server, state } = scene.context.connections;
  if (state[connectionOf(slot)] !== DIALLING) return -1;
  scene.io.establish(slot ^ 1);
  scene.io.bring(slot ^ 1, CONNACK);
  return server[connectionOf(slot)]!;
}

describe("settleLimits", () => {
  it.each(["first", "least-connections", "round-robin", "smooth-round-robin"] as const)(
    "lets a full server in %s take more as clients come to the others",
    (balance) => {
      const scene = rising({ fullAt: 8, balance });
      const limits = Array.from({ length: 10 }, () => {
        come(scene);
        return scene.shared.servers.limitNow(0);
      });
      expect(limits).toEqual([1, 1, 1, 2, 2, 3, 3, 4, 4, 4]);
      expect(scene.shared.servers.active(0)).toBe(4);
    },
  );

  it("sends clients where there is room at the moment, as the limit has it", () => {
    const scene = rising({ fullAt: 8 });
    expect(Array.from({ length: 10 }, () => come(scene))).toEqual([0, 1, 1, 0, 1, 0, 1, 0, 1, 1]);
  });

  it("counts those who wait, so that they go on as they become more", () => {
    const scene = rising({ fullAt: 8 });
    scene.shared.servers.setUp(1, false);
    expect(come(scene)).toBe(0);
    const waiting = [scene.client(), scene.client()];
    const states = () => waiting.map((slot) => scene.context.connections.state[connectionOf(slot)]);
    scene.relay.serveWaiting();
    expect(states()).toEqual([WAITING, WAITING]);
    waiting.push(scene.client());
    scene.relay.serveWaiting();
    expect(states()).toEqual([DIALLING, WAITING, WAITING]);
  });

  it("takes a limit back as clients go, and ends nobody for it", () => {
    const scene = rising({ fullAt: 4, balance: "least-connections" });
    const slots = Array.from({ length: 6 }, () => scene.accepted(connectPacket({ clientId: "" })));
    expect(scene.shared.servers.active(0)).toBe(3);
    const { server } = scene.context.connections;
    for (const slot of slots) if (server[connectionOf(slot)] === 1) scene.io.break(slot, 104);
    scene.shared.servers.setUp(1, false);
    const slot = scene.client();
    expect(scene.context.connections.state[connectionOf(slot)]).toBe(DIALLING);
    expect([scene.shared.servers.limitNow(0), scene.shared.servers.active(0)]).toEqual([4, 4]);
  });

  it("follows what is said at run time, lower than where it starts, too", () => {
    const scene = rising({ fullAt: 4 });
    scene.shared.servers.setConnectionsFrom(0, 3);
    scene.shared.servers.setConnectionsMax(0, 2);
    expect(Array.from({ length: 4 }, () => come(scene))).toEqual([0, 0, 1, 1]);
    scene.shared.servers.setConnectionsMax(0, 0);
    expect(Array.from({ length: 3 }, () => come(scene))).toEqual([0, 0, 0]);
  });

  it("refuses where nobody may wait", () => {
    const scene = rising({ fullAt: 8, hasQueue: false });
    scene.shared.servers.setUp(1, false);
    expect([come(scene), come(scene)]).toEqual([0, -1]);
    expect(scene.count("queued")).toBe(0);
  });

  it("is full at a tenth of what the process takes where nobody says", () => {
    const scene = new Scene({
      servers: [{ connectionsMax: 4 }],
      pool: { queue: QUEUE, ramp: { fullAt: null, servers: [0] } },
      processMax: 40,
    });
    scene.shared.servers.setConnectionsFrom(0, 1);
    const limits = [1, 2, 3].map(() => {
      come(scene);
      return scene.shared.servers.limitNow(0);
    });
    expect(limits).toEqual([1, 2, 3]);
  });
});
