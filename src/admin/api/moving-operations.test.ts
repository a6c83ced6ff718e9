import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminScene } from "../../../tests/fixtures/admin.ts";
import { openSharedState } from "../../shm/shared-state.ts";
import type { Actions } from "../actions.ts";
import type { ApiParts } from "./api-parts.ts";
import { movingOperations } from "./moving-operations.ts";
import * as schemas from "./schemas.ts";

const STATUS = { state: "running", moved: 3, active: 4, target: 0, kind: "drain" };

function partsWith(actions: Partial<Record<keyof Actions, unknown>>): ApiParts {
  const settings = { pools: [{ name: "brokers", servers: [0] }], servers: [{ name: "b1" }] };
  const supervisor = { roster: { settings, pools: [0] }, settings };
  return { supervisor, actions, cluster: null } as unknown as ApiParts;
}

const CALL = {
  params: { pool: "brokers", server: "b1" },
  query: undefined,
  body: {},
  principal: { name: "ops", role: "operator" },
  from: "127.0.0.1",
} as const;

it("empties a server, and stops, in the name of who asks", () => {
  const calls: unknown[] = [];
  const note = (name: string) => (actor: unknown, server: number) => {
    calls.push([name, actor, server]);
    return STATUS;
  };
  const parts = partsWith({ emptyServer: note("empty"), stopEmptying: note("stop") });
  const answers = movingOperations(parts)
    .slice(0, 2)
    .map(({ run }) => run(CALL));
  const actor = { by: "ops", from: "127.0.0.1" };
  expect(calls).toEqual([
    ["empty", actor, 0],
    ["stop", actor, 0],
  ]);
  for (const answer of answers) {
    expect(schemas.evictions.parse(answer)).toEqual({
      state: "running",
      moved: 3,
      active: 4,
      target: 0,
    });
  }
});

it("takes what the order says in place of the settings of the pool", () => {
  const given: unknown[] = [];
  const emptyServer = (_actor: unknown, _server: number, order: unknown) => {
    given.push(order);
    return STATUS;
  };
  const [empty] = movingOperations(partsWith({ emptyServer }));
  const order = {
    reason: "server-moved",
    ratePerSecond: 2.5,
    deadlineSeconds: 60,
    wills: "discarded",
  };
  empty!.run({ ...CALL, body: schemas.evictionOrder.parse(order) });
  empty!.run({ ...CALL, body: schemas.evictionOrder.parse({}) });
  expect(given).toEqual([
    { discardsWills: true, isForGood: true, ratePerSecond: 2.5, deadlineMs: 60_000 },
    {},
  ]);
  expect(schemas.evictionOrder.safeParse({ reason: "gone" }).success).toBe(false);
});

it("says so of a server that nobody was ever sent away from", () => {
  const [, stop] = movingOperations(partsWith({ stopEmptying: () => null }));
  expect(stop!.run(CALL)).toMatchObject({ state: "never", moved: 0 });
});

const SHARED_OUT = `
admin: { listen: "127.0.0.1:8888" }
listeners:
  mqtt: { listen: "0.0.0.0:1883", pool: brokers }
pools:
  brokers: { balance: round-robin, servers: [{ name: a, address: "10.0.0.1:1" }, "10.0.0.2:1"] }
  hashed: { balance: client-id-hash, servers: ["10.0.1.1:1"] }
`;

describe("/api/v1/pools/{pool}/rebalance", () => {
  let scene: AdminScene;
  beforeAll(async () => {
    scene = await AdminScene.start(SHARED_OUT);
    const { shared } = scene.supervised.workers.started[0]!.start;
    const { servers } = openSharedState(shared, 0);
    for (let i = 0; i < 40; i++) servers.tryAcquire(0);
  });
  afterAll(() => scene.stop());

  it("sheds what is above the share, shows how far it is, and can be stopped", async () => {
    const path = "/api/v1/pools/brokers/rebalance";
    const shed = { server: "a", state: "running", active: 40, target: 20, moved: 0 };
    expect(await scene.ask("POST", path)).toMatchObject({ status: 200, body: { servers: [shed] } });
    const server = await scene.get("/api/v1/pools/brokers/servers/a");
    expect(schemas.server.parse(server.body)).toMatchObject({
      admin: "ready",
      moving: { kind: "rebalance", state: "running", firstCount: 40, target: 20 },
    });
    const stopped = await scene.ask("DELETE", path);
    expect(schemas.rebalance.parse(stopped.body).servers).toMatchObject([
      { server: "a", state: "stopped" },
    ]);
    expect((await scene.ask("DELETE", path)).body).toEqual({ servers: [] });
    const evictions = await scene.get("/api/v1/pools/brokers/servers/a/evictions");
    expect(schemas.evictions.parse(evictions.body)).toMatchObject({ state: "stopped", target: 20 });
    const actions = scene.lines.filter((line) => line["event"] === "admin-action");
    expect(actions.map((line) => [line["action"], line["target"]])).toEqual([
      ["pool-rebalance", "brokers"],
      ["pool-rebalance-stop", "brokers"],
      ["pool-rebalance-stop", "brokers"],
    ]);
  });

  it("refuses a pool that goes by a hash, and one that is not there", async () => {
    const hashed = await scene.ask("POST", "/api/v1/pools/hashed/rebalance");
    expect(hashed).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining("hashed") },
    });
    expect((await scene.ask("POST", "/api/v1/pools/nobody/rebalance")).status).toBe(404);
    const { body } = await scene.get("/api/v1/pools");
    expect(schemas.pools.parse(body).pools.map(({ rebalance }) => rebalance)).toEqual([
      "manual",
      "off",
    ]);
  });
});
