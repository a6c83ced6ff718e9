import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminScene } from "../../tests/fixtures/admin.ts";
import { runCtl } from "../../tests/fixtures/run-ctl.ts";
import { writeBan } from "../../tests/fixtures/written-bans.ts";

const TEXT = `
listeners:
  mqtt: { listen: 127.0.0.1:1, pool: brokers, bans: { perClientId: {}, perAddress: {} } }
  mqtts: { listen: 127.0.0.1:2, pool: brokers, bans: { perClientId: {} } }
pools:
  brokers: { check: { type: none }, servers: ["10.0.0.1:1883"] }
`;

/** What the list of one kind has room for. */
const LISTED_MAX = 10_000;

let scene: AdminScene;

beforeAll(async () => {
  scene = await AdminScene.start(TEXT);
});

afterAll(() => scene.stop());

const ctl = (...args: readonly string[]) => runCtl(scene, ...args);

function ban(listener: string, id: string): void {
  const table = `${listener}/bans/perClientId`;
  writeBan(scene.supervisor, { table, key: Buffer.from(id), seconds: 600 });
}

describe("fairlead ctl bans", () => {
  it("lists who is banned, where, by what, why and for how long", async () => {
    expect(await ctl("bans")).toEqual({ code: 0, err: "", out: "nobody is banned" });
    ban("mqtt", "pump 7");
    ban("mqtts", "pump 7");
    const { out } = await ctl("bans");
    expect(out.split("\n")).toHaveLength(3);
    expect(out).toMatch(/^mqtt +client-id +pump 7 +5 +not-mqtt +[-\d]+ [:\d]+Z +\d+m \d+s$/m);
    expect((await ctl("bans", "--listener", "mqtts")).out.split("\n")).toHaveLength(2);
    expect((await ctl("bans", "--by", "address")).out).toBe("nobody is banned");
    const { bans } = JSON.parse((await ctl("--json", "bans", "--listener", "mqtt")).out);
    expect(bans).toMatchObject([{ listener: "mqtt", cause: "not-mqtt", failures: 5 }]);
  });

  it("lifts them, everywhere or at one listener", async () => {
    expect((await ctl("bans", "lift", "pump 7", "--listener", "mqtts")).out).toBe(
      'pump 7: ban by client-id at listener "mqtts" lifted',
    );
    ban("mqtts", "pump 7");
    const { code, out } = await ctl("bans", "lift", "pump 7");
    expect([code, out.split("\n").length]).toEqual([0, 2]);
    expect((await ctl("bans")).out).toBe("nobody is banned");
    const again = await ctl("bans", "lift", "pump 7");
    expect(again).toMatchObject({ code: 3 });
    expect(again.err).toContain('Cannot lift the ban of "pump 7": it is not banned');
  });

  it("says when there are more than it lists", async () => {
    const keys = Array.from({ length: LISTED_MAX + 1 }, (_, i) => `c${i}`);
    for (const key of keys) ban("mqtt", key);
    const lines = (await ctl("bans")).out.split("\n");
    expect(lines).toHaveLength(1 + LISTED_MAX + 1);
    expect(lines.at(-1)).toBe("10000 of 10001 bans are listed");
    const unlisted = keys.find((key) => !lines.some((line) => line.includes(` ${key} `)))!;
    expect((await ctl("bans", "lift", unlisted)).code).toBe(0);
    expect((await ctl("bans")).out.split("\n")).toHaveLength(1 + LISTED_MAX);
  });
});
