import { describe, expect, it } from "vitest";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { placesFor } from "./places.ts";
import { makeRoster } from "./roster.ts";
import { compareRosters } from "./roster-changes.ts";

const file = await settingsFrom(TWO_POOLS);
const places = placesFor(file);
const before = makeRoster(file, places, null);

async function compareWith(text: string) {
  return compareRosters(before, makeRoster(await settingsFrom(text), places, before));
}

describe("compareRosters", () => {
  it("finds nothing where nothing has changed", async () => {
    expect(await compareWith(TWO_POOLS)).toEqual({ added: [], removed: [], changed: [] });
  });

  it("names who came, who went and who is not as before", async () => {
    const text = TWO_POOLS.replace("connections: 100", "connections: 50")
      .replace('"127.0.0.1:3" }]', '"127.0.0.1:4" }]')
      .replace("weight: 3", "weight: 4");
    expect(await compareWith(`${text}shutdown: { grace: 3s }\n`)).toEqual({
      added: ["server spare/c"],
      removed: ["server spare/c"],
      changed: ["listener mqtt", "pool spare", "server brokers/a", "shutdown"],
    });
  });

  it("tells of other ticket keys", async () => {
    const ticketKeys = { files: ["/t.key"], material: [new Uint8Array(80)] };
    const after = { ...file, tls: { ...file.tls, ticketKeys } };
    const { changed } = compareRosters(before, makeRoster(after, places, before));
    expect(changed).toEqual(["tls"]);
  });
});
