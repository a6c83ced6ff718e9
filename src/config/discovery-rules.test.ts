import { describe, expect, it } from "vitest";
import { loadPool } from "../../tests/fixtures/loaded.ts";

const RESOLVERS = "resolvers: { dns: { nameServers: [10.0.0.53:53] } }";

async function told(servers: string, top = RESOLVERS): Promise<readonly string[]> {
  return (await loadPool(`servers: [${servers}]`, top)).told;
}

const has = (part: string) => [expect.stringContaining(part)];

describe("host names that are looked up while Fairlead runs", () => {
  it("need no address at the start", async () => {
    expect(await told("{ address: 'a.example:1', resolver: dns }")).toEqual([]);
    expect(await told("{ address: '_mqtt._tcp.a.example:1', resolver: dns, slots: 3 }")).toEqual(
      [],
    );
  });

  it("are names, looked up by a resolver that exists", async () => {
    expect(await told("{ address: 'a.example:1', resolver: other }")).toEqual(
      has('there is no resolver "other", expected one of dns'),
    );
    expect(await told("{ address: 'a.example:1', resolver: dns }", "")).toEqual(
      has("expected one under resolvers"),
    );
    expect(await told("{ address: '10.0.0.1:1', resolver: dns }")).toEqual(
      has("is an address already"),
    );
    expect(await told("{ address: '10.0.0.1:1', slots: 2 }")).toEqual(has("filled by a resolver"));
  });

  it("are asked of addresses", async () => {
    const named = "resolvers: { dns: { nameServers: ['ns.example:53'] } }";
    expect(await told("10.0.0.1:1", named)).toEqual(has("is a host name itself"));
  });

  it("make servers whose names differ", async () => {
    const slots = "{ name: b, address: 'a.example:1', resolver: dns, slots: 2 }";
    expect(await told(`${slots}, { name: b2, address: 10.0.0.2:1 }`)).toEqual(
      has('has a server "b2" already'),
    );
    expect(await told(`{ name: b1, address: 10.0.0.2:1 }, ${slots}`)).toEqual(
      has('has a server "b1" already'),
    );
    expect(await told(`${slots}, { name: b3, address: 10.0.0.2:1 }`)).toEqual([]);
  });
});
