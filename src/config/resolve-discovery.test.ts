import { describe, expect, it } from "vitest";
import { loadPool } from "../../tests/fixtures/loaded.ts";
import { formatEndpoint } from "../bytes/endpoint.ts";
import { type Place, placeServers } from "./resolve-discovery.ts";
import type { Settings } from "./settings.ts";

const RESOLVERS = "resolvers: { dns: { nameServers: ['10.0.0.53:53'], hold: { nx: 5s } } }";
const SLOTS = "{ name: b, address: '_mqtt._tcp.example:1883', resolver: dns, slots: 2, weight: 3 }";

async function load(keys: string): Promise<Settings> {
  return (await loadPool(keys, RESOLVERS)).settings!;
}

function shown({ servers }: Settings) {
  return servers.map(({ name, endpoint, checkEndpoint, weight, discovery }) => [
    name,
    formatEndpoint(endpoint, 0),
    formatEndpoint(checkEndpoint, 0),
    weight,
    discovery?.isPlaced ?? true,
  ]);
}

const PLACES: readonly (Place | null)[] = [
  { address: "10.0.0.1", port: 1884, weight: 512 },
  { address: "2001:db8::1", port: null, weight: null },
];

describe("servers of a host name", () => {
  it("are as many as there are slots, counted by name, and nowhere at first", async () => {
    const settings = await load(`servers: [10.0.0.9:1883, ${SLOTS}]`);
    expect(shown(settings)).toEqual([
      ["10.0.0.9:1883", "10.0.0.9:1883", "10.0.0.9:1883", 1, true],
      ["b1", "0.0.0.0:1883", "0.0.0.0:1883", 3, false],
      ["b2", "0.0.0.0:1883", "0.0.0.0:1883", 3, false],
    ]);
    expect(settings.discoveries).toEqual([
      { resolver: 0, host: "_mqtt._tcp.example", prefer: "ipv6", slotCount: 2 },
    ]);
    expect(settings.resolvers).toMatchObject([
      { nameServers: ["10.0.0.53:53"], intervalMs: 1000, hold: { failureMs: { nx: 5000 } } },
    ]);
    expect(new Set(settings.servers.map(({ id }) => id)).size).toBe(3);
  });

  it("are placed where the answer says, with its ports and weights", async () => {
    const settings = await load(`servers: [10.0.0.9:1883, ${SLOTS}]`);
    const placed = placeServers(settings, (_discovery, slot) => PLACES[slot]!);
    expect(shown(placed)).toEqual([
      ["10.0.0.9:1883", "10.0.0.9:1883", "10.0.0.9:1883", 1, true],
      ["b1", "10.0.0.1:1884", "10.0.0.1:1884", 2, true],
      ["b2", "[2001:db8::1]:1883", "[2001:db8::1]:1883", 3, true],
    ]);
  });

  it("keep what checks have of their own, wherever they are", async () => {
    const keys = "check: { type: emqx }, agentCheck: { port: 99 }";
    const settings = await load(`${keys}, servers: [${SLOTS}]`);
    const placed = placeServers(settings, (_discovery, slot) => PLACES[slot]!);
    const [first] = placed.servers;
    expect(formatEndpoint(first!.checkEndpoint, 0)).toBe("10.0.0.1:18083");
    expect(formatEndpoint(first!.agentCheck!.endpoint, 0)).toBe("10.0.0.1:99");
  });

  it("are left alone where nothing is looked up", async () => {
    const settings = await load("servers: [10.0.0.9:1883]");
    expect(placeServers(settings, () => null)).toBe(settings);
  });
});
