import { describe, expect, it } from "vitest";
import { loadSettings } from "./load-settings.ts";

/** The only pool of a file that says this of it. */
async function loadPool(...lines: string[]) {
  const servers = lines.some((line) => line.startsWith("servers")) ? [] : ["servers: [10.0.0.1:1]"];
  const pool = [...lines, ...servers].map((line) => `    ${line}\n`).join("");
  const text = `listeners: { a: { listen: 0.0.0.0:1883, pool: p } }\npools:\n  p:\n${pool}`;
  const lookUp = async () => [];
  const { settings } = await loadSettings({ file: "x", text }, { environment: {}, lookUp });
  return { pool: settings!.pools[0]!, servers: settings!.servers };
}

describe("resolveHash", () => {
  it("is nothing for pools that do not balance by a hash", async () => {
    expect((await loadPool("balance: least-connections")).pool.hash).toBe(null);
  });

  it("takes the key from the name, and the rest from the type", async () => {
    const even = { type: "consistent", function: "murmur3", avalanche: false };
    const rest = { loadMaxPercent: 0, whenFull: "next" };
    expect((await loadPool("balance: source-hash")).pool.hash).toEqual({
      ...{ key: { kind: "source" }, ...even, ...rest },
    });
    const { pool } = await loadPool("balance: client-id-hash", "hash: { type: consistent-16 }");
    expect(pool.hash).toEqual({
      ...{ key: { kind: "client-id" }, type: "consistent-16", function: "sdbm", avalanche: true },
      ...rest,
    });
  });

  it("has no avalanche behind a function that is named, unless it is asked for", async () => {
    const hash = async (more: string) => {
      const line = `hash: { key: user-name, type: consistent-16, ${more} }`;
      return (await loadPool("balance: hash", line)).pool.hash;
    };
    expect(await hash("function: sdbm")).toMatchObject({ function: "sdbm", avalanche: false });
    expect(await hash("function: wt6, avalanche: true")).toMatchObject({ avalanche: true });
    expect(await hash("avalanche: false")).toMatchObject({ function: "sdbm", avalanche: false });
    expect(await hash("loadMax: 150, whenFull: wait")).toMatchObject({
      ...{ key: { kind: "user-name" }, loadMaxPercent: 150, whenFull: "wait" },
    });
  });

  it("takes whatever is no name for an expression", async () => {
    const { pool } = await loadPool("balance: hash", "hash: { key: 'mqtt.user_name,lower' }");
    expect(pool.hash?.key).toMatchObject({
      kind: "expression",
      expression: { text: "mqtt.user_name,lower", stage: "connect" },
    });
  });
});

describe("resolveServerIds", () => {
  it("gives servers without an id the numbers that are left, in order", async () => {
    const servers = "servers: [10.0.0.1:1, { address: 10.0.0.2:1, id: 1 }, 10.0.0.3:1, 10.0.0.4:1]";
    expect((await loadPool(servers)).servers.map(({ id }) => id)).toEqual([2, 1, 3, 4]);
  });
});

describe("resolveServerHashKey", () => {
  it("is the name, or the id where HAProxy's servers are picked", async () => {
    const servers = "servers: [10.0.0.1:1, { address: 10.0.0.2:1, hashKey: address }]";
    const keys = async (...lines: string[]) =>
      (await loadPool(...lines, servers)).servers.map(({ hashKey }) => hashKey);
    expect(await keys()).toEqual(["name", "address"]);
    expect(await keys("balance: source-hash", "hash: { type: consistent-16 }")).toEqual([
      "id",
      "address",
    ]);
  });
});
