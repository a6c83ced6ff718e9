import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminScene } from "../../tests/fixtures/admin.ts";
import { runCtl } from "../../tests/fixtures/run-ctl.ts";
import { CONTROL_PLANE } from "../shm/shared-state.ts";
import { StickTable } from "../stick/stick-table.ts";
import { workerSeconds } from "../supervisor/worker-clock.ts";
import { formatEvent } from "./ctl-actions.ts";

let scene: AdminScene;

beforeAll(async () => {
  scene = await AdminScene.start();
});

afterAll(() => scene.stop());

async function ctl(...args: readonly string[]) {
  const { out, ...rest } = await runCtl(scene, ...args);
  return { ...rest, out: out.split("\n") };
}

describe("fairlead ctl server", () => {
  it("drains, weighs, takes out and back", async () => {
    expect(await ctl("server", "drain", "brokers/a")).toEqual({
      code: 0,
      out: ["brokers/a: drain, weight 3, no check"],
      err: "",
    });
    expect((await ctl("server", "maint", "brokers/a")).out[0]).toContain(": maintenance,");
    expect((await ctl("server", "weight", "brokers/a", "9")).out[0]).toContain("weight 9");
    expect((await ctl("server", "weight", "brokers/a", "file")).out[0]).toContain("weight 3");
    const { out } = await ctl("--json", "server", "ready", "brokers/a");
    expect(JSON.parse(out.join("\n"))).toMatchObject({ admin: "ready" });
  });

  it("ends with a code that says what is wrong", async () => {
    expect(await ctl("server", "drain", "brokers/x")).toMatchObject({
      code: 3,
      err: expect.stringContaining('There is no server "x" in pool "brokers"'),
    });
    expect(await ctl("server", "drain", "a")).toMatchObject({
      code: 2,
      err: 'Cannot find server "a": write it as POOL/SERVER; fairlead ctl servers lists them',
    });
    expect((await ctl("server", "weight", "brokers/a", "257")).code).toBe(2);
    expect((await ctl("--token", "wrong", "status")).code).toBe(4);
  });
});

describe("fairlead ctl conns", () => {
  it("lists, filters, sorts, and closes", async () => {
    scene.open(0, [
      { clientId: "pump-1", server: 0, bytes: [1, 2] },
      { clientId: "\u001b[31mred", server: 1, packets: [9, 9] },
      { clientId: "pump-2", server: 0, bytes: [10, 20] },
    ]);
    const all = await ctl("conns");
    expect(all.out).toHaveLength(5);
    expect(all.out[0]).toMatch(/^id +client id +from +listener +server +state +age/);
    expect(all.out.join("\n")).not.toContain("\u001b");
    const top = await ctl("conns", "--client", "pump", "--top", "bytes", "--limit", "1");
    expect(top.out[1]).toMatch(/^0-2-1 +pump-2 +127\.0\.0\.1:50000 +mqtt +a +relaying /);
    expect(top.out[2]).toBe("1 of 2");
    expect((await ctl("conns", "--server", "b", "--json")).out.join("")).toContain('"total": 1');
    expect((await ctl("conn", "close", "0-2-1")).out).toEqual(["1 connection ended"]);
    expect((await ctl("conn", "close", "0-2-9")).code).toBe(3);
    const nobody = await ctl("conn", "close", "nobody");
    expect(nobody).toMatchObject({ code: 3, err: expect.stringContaining("such as 0-12-7") });
    expect(nobody.err).toContain("fairlead ctl conns --client");
    expect((await ctl("conn", "close", "pump-1")).out).toEqual(["1 connection ended"]);
    expect((await ctl("server", "close", "brokers/a")).out).toEqual(["2 connections ended"]);
  });
});

describe("fairlead ctl table, certs, events", () => {
  it("shows tables, entries and removes one", async () => {
    const table = new StickTable(scene.supervisor.tables.stickTables[0]!, CONTROL_PLANE);
    const now = workerSeconds();
    const key = { bytes: Buffer.from("pump/1"), offset: 0, length: 6 };
    table.store(key, { server: 1, identity: 0 }, now);
    expect((await ctl("table")).out[1]).toMatch(/^brokers +stick +client-id +1 +1000$/);
    expect((await ctl("table", "brokers")).out[1]).toMatch(/^pump\/1 +b +1m \d+s$/);
    expect((await ctl("table", "brokers", "--remove", "pump/1")).out).toEqual(["removed"]);
    expect((await ctl("table", "spare")).code).toBe(3);
    expect((await ctl("certs")).out).toHaveLength(1);
  });

  it("shows what has happened", async () => {
    await ctl("server", "weight", "brokers/b", "2");
    const { out, code } = await ctl("events");
    expect([code, out.at(-1)]).toEqual([
      0,
      expect.stringMatching(/"anonymous" from 127\.0\.0\.1: server-change brokers\/b weight=2$/),
    ]);
  });
});

describe("words", () => {
  it("are made of blocks of the stream", () => {
    const event = { id: 1, at: "2026-11-21T12:00:00.000Z", type: "server" } as const;
    const down = { ...event, pool: "p", server: "s", state: "DOWN", reason: "reset" };
    expect(formatEvent(down)).toBe("2026-11-21 12:00:00Z p/s is DOWN: reset");
    expect(formatEvent({ ...event, type: "plan", generation: 3 })).toContain("plan 3 runs");
    const action = { by: "ops", from: "::1", action: "server-change", target: "p/s" };
    const detail = { weight: null };
    expect(formatEvent({ ...event, type: "action", ...action, detail })).toBe(
      '2026-11-21 12:00:00Z "ops" from ::1: server-change p/s weight=file',
    );
    const ban = {
      listener: "mqtt",
      by: "client-id",
      key: "a\x1b",
      state: "banned",
      cause: "not-mqtt",
    };
    expect(formatEvent({ ...event, type: "ban", ...ban })).toBe(
      "2026-11-21 12:00:00Z client-id a\u{fffd} at mqtt: banned, not-mqtt",
    );
  });
});
