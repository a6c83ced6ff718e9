import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import type { Settings } from "../config/settings.ts";
import { findMoved, freePlaces, makeRoster, NoPlaceError, type Roster } from "./roster.ts";

const PLACES = { listenersMax: 3, poolsMax: 10, serversMax: 5 };
const file = await settingsFrom(TWO_POOLS);

async function changed(from: string, to: string): Promise<Settings> {
  return settingsFrom(TWO_POOLS.replace(from, to));
}

function namesOf({ settings, servers }: Roster): string[] {
  return servers.map((number) => `${number} ${settings.servers[number]!.name}`);
}

const first = makeRoster(file, PLACES, null);

describe("makeRoster", () => {
  it("numbers what the file has in its order, at the start", () => {
    expect(namesOf(first)).toEqual(["0 a", "1 b", "2 c"]);
    expect(first.settings.pools.map(({ servers }) => servers)).toEqual([[0, 1], [2]]);
    expect(first.listeners).toEqual([0, 1]);
  });

  it("lets those who stay keep their numbers and gives new ones the next", async () => {
    const next = makeRoster(
      await changed('- { name: a, address: "127.0.0.1:1", weight: 3 }', "- 127.0.0.1:9"),
      PLACES,
      first,
    );
    expect(namesOf(next)).toEqual(["3 127.0.0.1:9", "1 b", "2 c"]);
    expect(next.settings.pools[0]!.servers).toEqual([3, 1]);
    expect(next.settings.servers[0]!.name).toBe("a");
  });

  it("takes a server at another address for another server", async () => {
    const next = makeRoster(await changed("127.0.0.1:2", "127.0.0.1:7"), PLACES, first);
    expect(namesOf(next)).toEqual(["0 a", "3 b", "2 c"]);
  });

  it("empties the places of those who are gone, so that nobody acts on them", async () => {
    const one = TWO_POOLS.replace(/ {2}spare:\n.*$/s, "").replace(/.*plain:.*\n/, "");
    const { settings, pools, listeners } = makeRoster(await settingsFrom(one), PLACES, first);
    expect([pools, listeners]).toEqual([[0], [0]]);
    expect(settings.pools[1]).toMatchObject({ name: "spare", servers: [], stick: [] });
    expect(settings.servers[2]).toMatchObject({ name: "c", check: null, tracks: null });
  });

  it("knows a listener by its address, whatever it is called", async () => {
    const named = await settingsFrom(TWO_POOLS);
    const at = (name: string, port: number): Settings => ({
      ...named,
      listeners: named.listeners.slice(0, 1).map((listener) => {
        const endpoint = listener.listen.endpoint.slice();
        endpoint[17] = port;
        return { ...listener, name, listen: { ...listener.listen, port, endpoint } };
      }),
    });
    const before = makeRoster(at("mqtt", 7), PLACES, null);
    expect(makeRoster(at("clients", 7), PLACES, before).listeners).toEqual([0]);
    expect(makeRoster(at("mqtt", 8), PLACES, before).listeners).toEqual([1]);
  });

  it("says what to do when there is no place left", async () => {
    const elsewhere = TWO_POOLS.replaceAll(/127\.0\.0\.1:([123])"/g, '127.0.0.2:$1"');
    const more = await settingsFrom(elsewhere);
    const attempt = () => makeRoster(more, PLACES, first);
    expect(attempt).toThrow(NoPlaceError);
    expect(attempt).toThrow(/^Cannot run 3 servers beside 3 removed ones .* restart to run more$/);
  });

  it("rewrites every field of settings that is an index", () => {
    const source = readFileSync(new URL("./roster.ts", import.meta.url), "utf8");
    const types = readSettingsTypes();
    const fields = [
      ...types.matchAll(/Index(?:es)? into `Settings\.\w+`[^*]*\*\/\s+readonly (\w+)/g),
    ];
    expect(fields.length).toBeGreaterThan(3);
    for (const [, field] of fields) expect(source).toMatch(new RegExp(`\\b${field}\\b`));
  });
});

describe("findMoved", () => {
  it("finds servers by their name that are at another address", async () => {
    const next = makeRoster(await changed("127.0.0.1:2", "127.0.0.1:7"), PLACES, first);
    expect([...findMoved(first, next)]).toEqual([[1, 3]]);
  });
});

describe("freePlaces", () => {
  it("lets a newcomer have the number of one of whom nothing is left", async () => {
    const gone = makeRoster(await changed("127.0.0.1:2", "127.0.0.1:7"), PLACES, first);
    const [key] = [...gone.numbering.servers.retired];
    const freed = freePlaces(gone, { listeners: [], pools: [], servers: [key!] });
    const next = makeRoster(await changed("127.0.0.1:2", "127.0.0.1:8"), PLACES, freed);
    expect(namesOf(next)).toEqual(["0 a", "1 b", "2 c"]);
  });

  it("takes the name of one of whom nothing is left, so that it means one thing", async () => {
    const gone = makeRoster(await changed("127.0.0.1:2", "127.0.0.1:7"), PLACES, first);
    const [key] = [...gone.numbering.servers.retired];
    const freed = freePlaces(gone, { listeners: [], pools: [], servers: [key!] });
    const names = ({ settings }: Roster) => settings.servers.map(({ name }) => name);
    const same = await changed("127.0.0.1:2", "127.0.0.1:7");
    expect(names(makeRoster(same, PLACES, freed))).toEqual(["a", "", "c", "b"]);
  });
});

function readSettingsTypes(): string {
  const files = ["settings.ts", "transport-settings.ts", "check-settings.ts"];
  return files
    .map((name) => readFileSync(new URL(`../config/${name}`, import.meta.url), "utf8"))
    .join("\n");
}
