import { describe, expect, it } from "vitest";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { formatEndpoint } from "../bytes/endpoint.ts";
import type { Plan } from "../shm/plan.ts";
import { createPlan, withListenerFds } from "./plan.ts";

const settings = await settingsFrom(TWO_POOLS);

describe("createPlan", () => {
  it("carries listeners, pools and servers over in their order", () => {
    const plan = createPlan(settings, 7);
    expect(plan.generation).toBe(7);
    expect(plan.listeners).toMatchObject([
      { name: "mqtt", pool: 0, protocol: "mqtt", connectionsMax: 100, connectDeadlineMs: 10_000 },
      { name: "plain", pool: 1, protocol: "tcp", connectionsMax: 0 },
    ]);
    expect(plan.pools.map(({ name, servers }) => ({ name, servers }))).toEqual([
      { name: "brokers", servers: [0, 1] },
      { name: "spare", servers: [2] },
    ]);
    expect(plan.servers.map(({ name, weight }) => ({ name, weight }))).toEqual([
      { name: "a", weight: 3 },
      { name: "b", weight: 1 },
      { name: "c", weight: 1 },
    ]);
    expect(formatEndpoint(plan.servers[1]!.endpoint, 0)).toBe("127.0.0.1:2");
  });

  it("keeps the ids of connected clients, unless the table has another size", async () => {
    const planOf = async (takeover: string, previous: Plan | null) => {
      const head = "listeners: { mqtt: { listen: '0.0.0.0:1883', pool: p } }";
      const text = `${head}\npools: { p: { ${takeover} servers: ['10.0.0.1:1'] } }`;
      return createPlan(await settingsFrom(text), 1, previous);
    };
    const first = await planOf("takeover: {},", null);
    const memoryOf = ({ pools }: Plan) => pools[0]!.takeover?.memory;
    expect(first.pools[0]!.takeover?.settings.entriesMax).toBe(100_000);
    expect(memoryOf(await planOf("takeover: {}, draws: 3,", first))).toBe(memoryOf(first));
    const other = await planOf("takeover: { size: 9 },", first);
    expect(memoryOf(other)).not.toBe(memoryOf(first));
    expect(memoryOf(await planOf("", first))).toBeUndefined();
  });

  it("says which servers have a limit that rises, and nothing where none has", async () => {
    const text = `listeners: { mqtt: { listen: '0.0.0.0:1883', pool: p } }
pools:
  p:
    queue: {}
    fullAt: 50
    servers:
      - '10.0.0.1:1'
      - { address: '10.0.0.2:1', connections: 9, connectionsFrom: 3 }
      - { address: '10.0.0.3:1', connections: 9 }`;
    const { pools } = createPlan(await settingsFrom(text), 1);
    expect(pools[0]!.ramp).toEqual({ fullAt: 50, servers: [1] });
    const unsaid = text
      .replace("    fullAt: 50\n", "")
      .replace("pool: p", "pool: p, connections: 30");
    const [byListener] = createPlan(await settingsFrom(unsaid), 1).pools;
    expect(byListener!.ramp).toEqual({ fullAt: 3, servers: [1] });
    expect(createPlan(settings, 1).pools.map(({ ramp }) => ramp)).toEqual([null, null]);
  });

  it("survives the way to a worker", () => {
    const plan = createPlan(settings, 1);
    const arrived = structuredClone(plan);
    expect(arrived.pools).toEqual(plan.pools);
    expect(arrived.balanceMemories[0]!.memory.byteLength).toBe(
      plan.balanceMemories[0]!.memory.byteLength,
    );
  });
});

describe("withListenerFds", () => {
  it("gives each worker its own sockets and shares everything else", () => {
    const plan = createPlan(settings, 1);
    const own = withListenerFds(plan, [21, 22]);
    expect(own.listeners.map(({ fd }) => fd)).toEqual([21, 22]);
    expect(own.balanceMemories).toBe(plan.balanceMemories);
    expect(plan.listeners.map(({ fd }) => fd)).toEqual([-1, -1]);
  });
});
