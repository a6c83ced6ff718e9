import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminScene } from "../../tests/fixtures/admin.ts";
import { runCtl } from "../../tests/fixtures/run-ctl.ts";
import { openSharedState } from "../shm/shared-state.ts";
import { formatRebalanced } from "./ctl-moving.ts";

let scene: AdminScene;
/** The servers of worker 0, as it sees them. */
let own: ReturnType<typeof openSharedState>["servers"];

beforeAll(async () => {
  scene = await AdminScene.start();
  own = openSharedState(scene.supervised.workers.started[0]!.start.shared, 0).servers;
});

afterAll(() => scene.stop());

const ctl = (...args: readonly string[]) => runCtl(scene, ...args);

describe("fairlead ctl rebalance", () => {
  it("says who goes, and stops", async () => {
    for (let i = 0; i < 40; i++) own.tryAcquire(0);
    expect(await ctl("rebalance", "brokers")).toEqual({
      ...{ code: 0, err: "" },
      out: "brokers/a: 10 clients go, 30 stay",
    });
    expect((await ctl("servers")).out).toMatch(/^brokers +a .* to 30: running, 0 moved /m);
    expect((await ctl("rebalance", "brokers", "--stop")).out).toBe("stopped: brokers/a");
    expect((await ctl("rebalance", "brokers", "--stop")).out).toBe("nobody was sent away");
    expect((await ctl("rebalance", "none")).code).toBe(3);
    expect((await ctl("rebalance", "spare")).out).toBe("all servers have about their share");
  });
});

it("counts one client as one", () => {
  const servers = [{ server: "b1", active: 3, target: 2 }];
  expect(formatRebalanced("p", { servers })).toBe("p/b1: 1 client goes, 2 stay");
});

describe("fairlead ctl server empty", () => {
  it("begins, shows how far it has come, and stops", async () => {
    expect((await ctl("server", "empty", "brokers/a")).out).toBe(
      "brokers/a: running, 0 moved, 40 left",
    );
    expect((await ctl("status")).out).toMatch(
      /^brokers\/a +is emptied +running +0 +40 +0 +2\d{3}-/m,
    );
    expect((await ctl("servers")).out).toContain("empty: running, 0 moved");
    const { out } = await ctl("--json", "server", "empty", "brokers/a", "--stop");
    expect(JSON.parse(out)).toEqual({ state: "stopped", moved: 0, active: 40, target: 0 });
    expect((await ctl("status")).out).not.toContain("is emptied");
  });

  it("says what clients are told, and what becomes of their wills", async () => {
    const words = ["server", "empty", "brokers/a"];
    const orders = () => scene.lines.filter(({ action }) => action === "server-empty");
    expect((await ctl(...words, "--reason", "server-moved", "--wills", "discarded")).code).toBe(0);
    expect(orders().at(-1)!["detail"]).toEqual({ isForGood: true, discardsWills: true });
    expect((await ctl(...words, "--reason", "use-another-server")).code).toBe(0);
    expect(orders().at(-1)!["detail"]).toEqual({ isForGood: false });
    expect((await ctl(...words, "--reason", "moved")).code).toBe(2);
    expect((await ctl(...words, "--stop", "--wills", "discarded")).code).toBe(2);
    expect((await ctl(...words, "--stop")).code).toBe(0);
  });

  it("waits until nobody is left", async () => {
    const ending = ctl("server", "empty", "brokers/a", "--wait");
    for (let i = 0; i < 40; i++) own.release(0);
    const { code, out } = await ending;
    expect([code, out.split("\n").at(-1)]).toEqual([0, "brokers/a: done, 0 moved, 0 left"]);
  });
});
