import { afterEach, describe, expect, it } from "vitest";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { type Supervised, startSupervised } from "../../tests/fixtures/supervised.ts";
import type { Settings } from "../config/settings.ts";
import { type ReadAgain, Reloader, type ReloadReport } from "./reloader.ts";

const running = await settingsFrom(TWO_POOLS);
const fixtures: Supervised[] = [];

/** A reloader that reads what `read` says, and the settings that run. */
async function setUp(read: () => Promise<ReadAgain>) {
  const supervised = await startSupervised();
  fixtures.push(supervised);
  const { supervisor, logger } = supervised;
  return { ...supervised, reloader: new Reloader({ supervisor, read, logger }, running) };
}

async function settingsWith(from: string, to: string): Promise<Settings> {
  return settingsFrom(TWO_POOLS.replace(from, to));
}

afterEach(async () => {
  for (const { supervisor } of fixtures.splice(0)) await supervisor.stop(0);
});

describe("Reloader", () => {
  it("applies what has changed and says what did, and what waits for a restart", async () => {
    const settings = await settingsFrom(
      TWO_POOLS.replace("workers: 2", "workers: 4").replace("connections: 100", "connections: 7"),
    );
    const { reloader, supervisor, lines } = await setUp(async () => {
      return { settings, diagnostics: ["f.yaml:1:1: warning: odd"] };
    });
    expect(await reloader.reload({ wait: true })).toEqual({
      outcome: "applied",
      generation: 2,
      added: [],
      removed: [],
      changed: ["listener mqtt"],
      waiting: ["workers: 2 now, 4 from the next start on"],
      diagnostics: ["f.yaml:1:1: warning: odd"],
    });
    expect(supervisor.shared.listeners.max(0)).toBe(7);
    const told = lines.map(({ level, msg }) => `${level} ${msg}`);
    expect(told).toContain("warn Needs a restart: workers: 2 now, 4 from the next start on");
    expect(told).toContain("warn f.yaml:1:1: warning: odd");
    expect(told).toContain("info Plan 2 runs on every worker");
  });

  it("tells its watcher when a reload begins, and when every worker runs it", async () => {
    const supervised = await startSupervised();
    fixtures.push(supervised);
    const { supervisor, logger, workers } = supervised;
    const told: string[] = [];
    const watcher = {
      onBegin: () => told.push("begin"),
      onEnd: ({ outcome }: ReloadReport) => told.push(outcome),
    };
    let settings: Settings | null = await settingsWith("connections: 100", "connections: 7");
    const read = async () => ({ settings, diagnostics: [] });
    const reloader = new Reloader({ supervisor, read, logger, watcher }, running);
    workers.takesPlans = false;
    await reloader.reload({ wait: false });
    expect(told).toEqual(["begin"]);
    for (const { events } of workers.started) {
      events.onMessage({ type: "plan-applied", generation: 2 });
    }
    await expect.poll(() => told).toEqual(["begin", "applied"]);
    settings = null;
    await reloader.reload({ wait: false });
    await expect.poll(() => told).toEqual(["begin", "applied", "begin", "refused"]);
  });

  it("refuses a file with mistakes, with all of them, and changes nothing", async () => {
    const diagnostics = ["f.yaml:3:1: no", "f.yaml:9:2: nor this"];
    const { reloader, supervisor, workers, lines } = await setUp(async () => {
      return { settings: null, diagnostics };
    });
    const { roster } = supervisor;
    expect(await reloader.reload({ wait: true })).toMatchObject({
      outcome: "refused",
      diagnostics,
    });
    expect(supervisor.roster).toBe(roster);
    const plans = workers.started[0]!.received.filter(({ type }) => type === "plan");
    expect(plans).toHaveLength(1);
    const errors = lines.filter(({ level }) => level === "error").map(({ msg }) => msg);
    expect(errors.slice(0, 2)).toEqual(diagnostics);
    expect(errors[2]).toMatch(/^Reload refused, nothing changed: /);
  });

  it("refuses an address that cannot be bound, and leaves no socket behind", async () => {
    const settings = await settingsFrom(TWO_POOLS);
    const { listen } = settings.listeners[0]!;
    const endpoint = listen.endpoint.slice();
    endpoint.set([192, 0, 2, 1, 7, 91], 12);
    const foreign = {
      ...settings.listeners[0]!,
      listen: { ...listen, endpoint, text: "192.0.2.1:1883" },
    };
    const listeners = [...settings.listeners, foreign];
    const { reloader, supervisor } = await setUp(async () => {
      return { settings: { ...settings, listeners }, diagnostics: [] };
    });
    const report = await reloader.reload({ wait: true });
    expect(report).toMatchObject({ outcome: "refused" });
    expect(report).toHaveProperty("reason", expect.stringContaining("192.0.2.1:1883"));
    expect(supervisor.roster.listeners).toEqual([0, 1]);
  });

  it("refuses when reading fails, and while Fairlead stops", async () => {
    const { reloader, supervisor } = await setUp(async () => {
      if (supervisor.roster === undefined) throw new Error("Cannot happen");
      throw new Error("Cannot read f.yaml: it is gone");
    });
    expect(await reloader.reload({ wait: true })).toMatchObject({
      reason: "Cannot read f.yaml: it is gone",
    });
    const other = await setUp(async () => ({ settings: running, diagnostics: [] }));
    void other.supervisor.stop(0);
    expect(await other.reloader.reload({ wait: true })).toMatchObject({
      reason: "Fairlead is stopping",
    });
  });

  it("carries out one at a time, each with what is in the file then", async () => {
    const versions = [
      await settingsWith("weight: 3", "weight: 4"),
      await settingsWith("weight: 3", "weight: 5"),
    ];
    let reads = 0;
    const { reloader, supervisor } = await setUp(async () => {
      return { settings: versions[reads++]!, diagnostics: [] };
    });
    const reports = await Promise.all([
      reloader.reload({ wait: true }),
      reloader.reload({ wait: false }),
    ]);
    expect(reports).toMatchObject([{ generation: 2 }, { generation: 3 }]);
    expect(supervisor.settings.servers[0]!.weight).toBe(5);
  });

  it("goes on from what the file said before, not from what waits for a restart", async () => {
    const settings = await settingsWith("workers: 2", "workers: 4");
    const { reloader } = await setUp(async () => ({ settings, diagnostics: [] }));
    for (let i = 0; i < 2; i++) {
      expect(await reloader.reload({ wait: true })).toHaveProperty("waiting.length", 1);
    }
  });
});
