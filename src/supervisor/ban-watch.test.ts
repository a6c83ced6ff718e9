import { beforeEach, describe, expect, it } from "vitest";
import { type LogLine, makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { settingsFrom } from "../../tests/fixtures/settings.ts";
import { writeBan } from "../../tests/fixtures/written-bans.ts";
import { ADDRESS_SIZE, makeEndpoint } from "../bytes/endpoint.ts";
import { COUNTER } from "../shm/counters.ts";
import { createSharedState } from "../shm/shared-state.ts";
import { BanWatch, type BothClocks } from "./ban-watch.ts";
import { createPlan } from "./plan.ts";
import { workerMs } from "./worker-clock.ts";

const TEXT = `
listeners:
  mqtt:
    listen: 127.0.0.1:1
    pool: brokers
    bans: { perAddress: { size: 20000 }, perClientId: {} }
pools:
  brokers: { check: { type: none }, servers: ["10.0.0.1:1883"] }
`;
const TABLE = "mqtt/bans/perClientId";
const ADDRESSES = "mqtt/bans/perAddress";
const LISTED_MAX = 10_000;

const settings = await settingsFrom(TEXT);
let source: ReturnType<typeof makeSource>;
let watch: BanWatch;
let lines: LogLine[];

function makeSource() {
  const sizes = {
    workersMax: 1,
    serversMax: 1,
    listenersMax: 1,
    poolsMax: 1,
    logRingSize: 1 << 20,
  };
  return { settings, tables: createPlan(settings, 1), shared: createSharedState(sizes) };
}

beforeEach(() => {
  source = makeSource();
  const { logger, ...rest } = makeMemoryLogger();
  lines = rest.lines;
  watch = new BanWatch(source, logger);
});

function ban(id: string, seconds = 60): void {
  const key = Buffer.from(id);
  writeBan(source, { table: TABLE, key, seconds, cause: "server-refused" });
}

/** So many seconds from now, by both clocks. */
function clocksIn(seconds: number): BothClocks {
  const monotonicMs = workerMs() + seconds * 1_000;
  return { monotonicMs, wallMs: Date.now() + seconds * 1_000 };
}

const states = () => watch.changes.map(({ state, ban: { key } }) => `${key} ${state}`).reverse();

describe("BanWatch", () => {
  it("says who is banned, by what, why and until when", () => {
    ban("pump-7");
    const now = clocksIn(0);
    watch.look(now);
    const [found] = watch.bans;
    expect(found).toMatchObject({ listener: "mqtt", by: "client-id", key: "pump-7" });
    expect(found).toMatchObject({ failures: 5, cause: "server-refused" });
    expect(Math.round((found!.untilMs - now.wallMs) / 10_000)).toBe(6);
    expect(lines).toMatchObject([
      {
        ...{ event: "ban", state: "banned", key: "pump-7", cause: "server-refused" },
        msg: 'Banned client-id pump-7 at listener "mqtt": server-refused',
      },
    ]);
  });

  it("walks the tables only when a ban was counted or is due to end, once a second", () => {
    ban("a", 600);
    watch.look(clocksIn(0));
    ban("b", 600);
    watch.look(clocksIn(0));
    expect(states()).toEqual(["a banned"]);
    watch.look(clocksIn(100));
    expect(states()).toEqual(["a banned", "b banned"]);
    const walks = watch.bans;
    source.shared.counters.ofWorker(0).row[COUNTER.bannableFailures]! += 1;
    watch.look(clocksIn(200));
    expect(watch.bans).toEqual(walks);
    watch.look(clocksIn(700));
    expect(states().slice(2).sort()).toEqual(["a ended", "b ended"]);
    expect(watch.bans).toEqual([]);
  });

  it("does not end what further failures have prolonged", () => {
    ban("a", 60);
    watch.look(clocksIn(0));
    ban("a", 120);
    watch.look(clocksIn(62));
    expect(states()).toEqual(["a banned"]);
    expect(watch.bans[0]!.failures).toBe(10);
  });

  it("lifts, and says what there was to lift", () => {
    ban("a");
    expect(watch.lift("mqtt", "client-id", "a")).toBe(true);
    expect(watch.lift("mqtt", "client-id", "a")).toBe(false);
    expect(watch.lift("mqtt", "network", "10.0.0.0")).toBeNull();
    expect(states()).toEqual(["a banned", "a lifted"]);
    expect([watch.liftedCount, watch.bans.length]).toEqual([1, 0]);
    watch.look(clocksIn(90));
    expect(states()).toHaveLength(2);
  });

  it("forgets failures that have led to no ban, and counts no lifted one", () => {
    ban("a", -5);
    expect(watch.lift("mqtt", "client-id", "a")).toBe(true);
    expect([watch.liftedCount, states().length]).toEqual([0, 0]);
  });

  it("says that bans are forgotten with their tables", () => {
    ban("a");
    watch.look(clocksIn(0));
    Object.assign(source, { tables: createPlan(settings, 2) });
    watch.look(clocksIn(50));
    expect(states()).toEqual(["a banned", "a forgotten"]);
  });

  it("finds those of a key, banned now", () => {
    ban("a", 60);
    ban("b", -5);
    expect(watch.find("a")).toMatchObject([{ by: "client-id", key: "a", failures: 5 }]);
    expect([watch.find("b"), watch.find("c"), watch.find("a", clocksIn(62))]).toEqual([[], [], []]);
  });

  it("counts, finds and lifts those that its list has no room for", () => {
    const beyond = 20;
    const keys = Array.from({ length: LISTED_MAX + beyond }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    for (const key of keys) {
      const bytes = makeEndpoint(key, 0)!.subarray(0, ADDRESS_SIZE);
      writeBan(source, { table: ADDRESSES, key: bytes, seconds: 60 });
    }
    ban("a", 60);
    watch.look(clocksIn(0));
    const ofAddresses = () => watch.counts.find(({ by }) => by === "address")!.count;
    expect([watch.bans.length, ofAddresses()]).toEqual([LISTED_MAX + 1, keys.length]);
    expect(watch.counts).toContainEqual({ listener: "mqtt", by: "client-id", count: 1 });
    const listed = new Set(watch.bans.map(({ key }) => key));
    const unlisted = keys.find((key) => !listed.has(key))!;
    expect(watch.find(unlisted)).toMatchObject([{ by: "address", key: unlisted }]);
    expect(watch.lift("mqtt", "address", unlisted)).toBe(true);
    expect([watch.liftedCount, watch.find(unlisted).length]).toEqual([1, 0]);
    expect([watch.bans.length, ofAddresses()]).toEqual([LISTED_MAX + 1, keys.length - 1]);
    expect(states().at(-1)).toBe(`${unlisted} lifted`);
    watch.look(clocksIn(3_600));
    expect([watch.bans.length, ofAddresses()]).toEqual([0, 0]);
  });

  it("tells a hundred one by one, and how many others there are", () => {
    for (let i = 0; i < 300; i++) ban(`c${i}`);
    watch.look(clocksIn(0));
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toMatchObject({ count: 200, msg: "200 more bans have changed" });
    expect([watch.bans.length, watch.changes.length]).toEqual([300, 256]);
  });
});
