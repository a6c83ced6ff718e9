import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminScene } from "../../../tests/fixtures/admin.ts";
import { writeBan } from "../../../tests/fixtures/written-bans.ts";
import { ADDRESS_SIZE, makeEndpoint } from "../../bytes/endpoint.ts";
import { EventFeed, type FeedEvent } from "../event-feed.ts";
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

function ban(table: string, key: Uint8Array, seconds: number): void {
  writeBan(scene.supervisor, { table, key, seconds });
}

describe("bans", () => {
  it("are listed, each once, and lifted", async () => {
    const network = makeEndpoint("10.1.0.0", 0)!.subarray(0, ADDRESS_SIZE);
    ban("mqtt/bans/perNetwork", network, 60);
    ban("mqtt/bans/perClientId", Buffer.from("a/b ü"), 600);
    ban("mqtt/bans/perClientId", Buffer.from("was"), -5);
    const { bans, total } = schemas.bans.parse((await scene.get("/api/v1/bans")).body);
    expect(total).toBe(2);
    expect(bans).toMatchObject([
      { listener: "mqtt", by: "network", key: "10.1.0.0", failures: 5, cause: "not-mqtt" },
      { listener: "mqtt", by: "client-id", key: "a/b ü", failures: 5, cause: "not-mqtt" },
    ]);
    expect(bans[1]!.until > bans[0]!.until).toBe(true);
    expect(Math.round(bans[0]!.remainingSeconds)).toBeGreaterThan(50);
    const ofKey = (await scene.get("/api/v1/bans?key=10.1.0.0")).body;
    expect(schemas.bans.parse(ofKey)).toMatchObject({ total: 1, bans: [{ by: "network" }] });
    expect((await scene.get("/api/v1/bans?key=was")).body).toEqual({ total: 0, bans: [] });
    const path = `/api/v1/bans/mqtt/client-id/${encodeURIComponent("a/b ü")}`;
    expect((await scene.ask("DELETE", path)).body).toEqual({ removed: true });
    expect((await scene.ask("DELETE", path)).body).toEqual({ removed: false });
    const left = schemas.bans.parse((await scene.get("/api/v1/bans")).body).bans;
    expect(left.map(({ key }) => key)).toEqual(["10.1.0.0"]);
    const told = scene.lines.filter(({ action }) => action === "ban-lifted");
    expect(told.map(({ target, detail }) => [target, detail])).toEqual([
      ["mqtt/client-id/a/b ü", { lifted: true }],
      ["mqtt/client-id/a/b ü", { lifted: false }],
    ]);
  });

  it("are told as events", async () => {
    ban("mqtt/bans/perClientId", Buffer.from("told"), 60);
    const feed = new EventFeed(scene.supervisor);
    const events: FeedEvent[] = [];
    feed.follow((event) => events.push(event));
    await scene.get("/api/v1/bans");
    await scene.ask("DELETE", "/api/v1/bans/mqtt/client-id/told");
    feed.look();
    feed.stop();
    expect(events).toMatchObject([
      { type: "ban", state: "banned", by: "client-id", key: "told", cause: "not-mqtt" },
      { type: "ban", state: "lifted", listener: "mqtt", key: "told" },
    ]);
  });

  it("are not to be had where nobody is banned", async () => {
    const paths = ["mqtt/address/10.0.0.1", "nobody/client-id/x"];
    for (const path of paths) {
      expect((await scene.ask("DELETE", `/api/v1/bans/${path}`)).status).toBe(404);
    }
    expect((await scene.ask("DELETE", "/api/v1/bans/mqtt/moon/x")).status).toBe(400);
  });
});
