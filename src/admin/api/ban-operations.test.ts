import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminScene } from "../../../tests/fixtures/admin.ts";
import { ADDRESS_SIZE, makeEndpoint } from "../../bytes/endpoint.ts";
import { counterNumber } from "../../rules/counter-fields.ts";
import { CONTROL_PLANE } from "../../shm/shared-state.ts";
import { CounterTable } from "../../stick/counter-table.ts";
import { findBanTable } from "../bans.ts";
import * as schemas from "./schemas.ts";

const TEXT = `
listeners:
  mqtt:
    listen: ["127.0.0.1:1", "127.0.0.1:2"]
    pool: brokers
    bans:
      perNetwork: { failures: 5/m, ipv4: 16 }
      perClientId: { time: 1h }
pools:
  brokers: { check: { type: none }, servers: ["10.0.0.1:1883"] }
`;

let scene: AdminScene;

beforeAll(async () => {
  scene = await AdminScene.start(TEXT);
});

afterAll(() => scene.stop());

const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

/** What a worker writes when a key is banned, or was. */
function ban(table: string, bytes: Uint8Array, seconds: number): void {
  const plan = scene.supervisor.tables.counterTables.find(({ name }) => name === table)!;
  const kept = new CounterTable(plan, CONTROL_PLANE);
  const key = { bytes, offset: 0, length: bytes.length };
  kept.add(key, counterNumber("gpc0"), 5, nowMs());
  kept.set(key, counterNumber("gpt0"), Math.ceil(nowMs() / 1_000) + seconds, nowMs());
}

describe("bans", () => {
  it("are listed, each once, and lifted", async () => {
    const network = makeEndpoint("10.1.0.0", 0)!.subarray(0, ADDRESS_SIZE);
    ban("mqtt/bans/perNetwork", network, 60);
    ban("mqtt/bans/perClientId", Buffer.from("a/b ü"), 600);
    ban("mqtt/bans/perClientId", Buffer.from("was"), -5);
    const { bans } = schemas.bans.parse((await scene.get("/api/v1/bans")).body);
    expect(bans).toMatchObject([
      { listener: "mqtt", by: "network", key: "10.1.0.0", failures: 5 },
      { listener: "mqtt", by: "client-id", key: "a/b ü", failures: 5 },
    ]);
    expect(Math.round(bans[0]!.remainingSeconds)).toBeGreaterThan(50);
    const path = `/api/v1/bans/mqtt/client-id/${encodeURIComponent("a/b ü")}`;
    expect((await scene.ask("DELETE", path)).body).toEqual({ removed: true });
    expect((await scene.ask("DELETE", path)).body).toEqual({ removed: false });
    const left = schemas.bans.parse((await scene.get("/api/v1/bans")).body).bans;
    expect(left.map(({ key }) => key)).toEqual(["10.1.0.0"]);
  });

  it("are not to be had where nobody is banned", async () => {
    const paths = ["mqtt/address/10.0.0.1", "nobody/client-id/x"];
    for (const path of paths) {
      expect((await scene.ask("DELETE", `/api/v1/bans/${path}`)).status).toBe(404);
    }
    expect((await scene.ask("DELETE", "/api/v1/bans/mqtt/moon/x")).status).toBe(400);
    expect(findBanTable(scene.supervisor, "mqtt", "network")?.name).toBe("mqtt/bans/perNetwork");
  });
});
