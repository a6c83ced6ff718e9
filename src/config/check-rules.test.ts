import { describe, expect, it } from "vitest";
import { loadPool } from "../../tests/fixtures/loaded.ts";

const ONE = "servers: [10.0.0.1:1]";

async function told(keys: string): Promise<readonly string[]> {
  return (await loadPool(keys)).told;
}

const has = (part: string) => [expect.stringContaining(part)];

describe("checks", () => {
  it("warn of keys that their type does not look at", async () => {
    expect(await told(`check: { type: nats, script: [{ send: a }] }, ${ONE}`)).toEqual(
      has("script has no effect on checks of type nats"),
    );
    expect(await told(`check: { type: mqtt, qos: 1 }, ${ONE}`)).toEqual(has("qos has no effect"));
    expect(await told(`check: { type: emqx, userName: a, http: {} }, ${ONE}`)).toEqual([]);
  });

  it("have a script where they are of that type", async () => {
    expect(await told(`check: { type: script }, ${ONE}`)).toEqual(has("has no script"));
  });

  it("say one thing in each step and expectation", async () => {
    const script = (step: string) => told(`check: { type: script, script: [${step}] }, ${ONE}`);
    expect(await script("{ send: a, sendBinary: '00' }")).toEqual(has("send and sendBinary"));
    expect(await script("{ comment: nothing }")).toEqual(has("says nothing"));
    expect(await script("{ expect: { not: true } }")).toEqual(has("says nothing"));
    const http = (item: string) =>
      told(`check: { type: http, http: { expect: [${item}] } }, ${ONE}`);
    expect(await http("{ status: 200, body: a }")).toEqual(has("status and body"));
    expect(await http("{ status: 200, not: true }")).toEqual([]);
  });

  it("send messages across where there is another server", async () => {
    const check = "check: { type: mqtt-message, across: true }";
    expect(await told(`${check}, ${ONE}`)).toEqual(has("no message can come across"));
    expect(await told(`${check}, servers: [10.0.0.1:1, 10.0.0.2:1]`)).toEqual([]);
  });
});

describe("what is observed", () => {
  it("is in vain without checks, but for max-fails", async () => {
    const observe = (mode: string) =>
      told(`check: { type: none }, observe: { mode: ${mode} }, ${ONE}`);
    expect(await observe("connections")).toEqual(has("no effect without checks"));
    expect(await observe("max-fails")).toEqual([]);
  });
});

describe("servers that are tracked", () => {
  const server = (name: string, track: string) =>
    `{ name: ${name}, address: '10.0.0.1:${name.charCodeAt(0)}', track: ${track} }`;

  it("exist", async () => {
    const lost = `servers: [10.0.0.1:1, ${server("b", "nobody")}]`;
    expect(await told(lost)).toEqual(has('there is no server "p/nobody"'));
    const found = "servers: [{ name: a, address: 10.0.0.1:1 }, ";
    expect(await told(`${found}${server("b", "a")}, ${server("c", "p/b")}]`)).toEqual([]);
  });

  it("do not track in a circle", async () => {
    const circle = `servers: [${server("b", "c")}, ${server("c", "b")}, 10.0.0.1:1]`;
    expect(await told(circle)).toHaveLength(2);
  });

  it("leave their trackers unchecked", async () => {
    const servers = `servers: [{ name: a, address: 10.0.0.1:1 }, ${server("b", "a")}]`;
    const { settings } = await loadPool(servers);
    expect(settings?.servers.map(({ tracks, check }) => [tracks, check !== null])).toEqual([
      [null, true],
      [0, false],
    ]);
  });
});
