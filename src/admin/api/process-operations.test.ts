import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminScene } from "../../../tests/fixtures/admin.ts";
import { TWO_POOLS } from "../../../tests/fixtures/settings.ts";
import * as schemas from "./schemas.ts";

const CHECKED = TWO_POOLS.replace(
  "check: { type: none }",
  "check: { type: mqtt, userName: u, password: hunter2, initial: fully-up, fall: 100 }",
);

let scene: AdminScene;

beforeAll(async () => {
  scene = await AdminScene.start(CHECKED);
});

afterAll(() => scene.stop());

describe("process operations", () => {
  it("give what the schemas say", async () => {
    const read = async (path: string) => (await scene.get(path)).body;
    schemas.status.parse(await read("/api/v1/status"));
    expect(schemas.summary.parse(await read("/api/v1/summary")).servers.total).toBe(3);
    expect(schemas.health.parse(await read("/api/v1/health"))).toMatchObject({ status: "ok" });
    expect(schemas.certificates.parse(await read("/api/v1/certificates")).certificates).toEqual([]);
  });

  it("show the settings that run, and no secret", async () => {
    const { body } = await scene.get("/api/v1/configuration");
    expect(body).toMatchObject({ file: "test.yaml", pools: [{ name: "brokers" }, {}] });
    expect(JSON.stringify(body)).not.toContain("hunter2");
    expect(JSON.stringify(body)).toContain("(hidden)");
  });

  it("say when clients cannot be served", async () => {
    const { supervisor } = scene;
    expect((await scene.get("/api/v1/ready")).status).toBe(200);
    const servers = supervisor.settings.pools.findIndex(({ name }) => name === "spare");
    for (const server of supervisor.settings.pools[servers]!.servers) {
      supervisor.health.setAdmin(server, "maintenance");
    }
    const { status, body } = await scene.get("/api/v1/ready");
    expect([status, schemas.health.parse(body)]).toEqual([
      503,
      { status: "not-ready", reasons: ['Pool "spare" has no server that takes clients'] },
    ]);
    const statusOf = async (pool: string) => (await scene.get(`/api/v1/ready?pool=${pool}`)).status;
    expect(await Promise.all(["brokers", "spare", "nobody"].map(statusOf))).toEqual([
      200, 503, 404,
    ]);
  });
});
