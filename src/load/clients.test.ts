import { afterEach, describe, expect, it } from "vitest";
import { LoadUnderTest } from "../../tests/fixtures/load-under-test.ts";
import { ACCEPT, type Script, ScriptedBroker } from "../../tests/fixtures/scripted-broker.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import type { LoadOrder } from "./load-order.ts";

let load: LoadUnderTest;
let broker: ScriptedBroker | null = null;

afterEach(() => {
  broker?.close();
  load.end();
  broker = null;
});

async function loadAgainst(script: Script, wishes: Partial<LoadOrder>): Promise<ScriptedBroker> {
  broker = await ScriptedBroker.start(script);
  load = new LoadUnderTest(wishes, broker.port);
  return broker;
}

describe("LoadClients", () => {
  it("opens every connection and counts each CONNACK with its time", async () => {
    load = new LoadUnderTest({ connectionCount: 20 });
    await load.until(() => load.count("up") === 20);
    expect([load.count("connected"), load.count("settled"), load.failures]).toEqual([20, 20, []]);
    expect(load.tally.connectTimes.reduce((a, b) => a + b)).toBe(20);
  });

  it("sends the CONNECT that was ordered", async () => {
    const wishes = { clientId: "me-%i", userName: "u", password: "p", keepAliveSeconds: 9 };
    const { packets } = await loadAgainst(() => [ACCEPT], wishes);
    await load.until(() => load.count("up") === 1);
    expect(packets[0]).toMatchObject({ clientId: "me-1", username: "u", keepalive: 9 });
  });

  it("counts a refusal by its code and does not come back unless told to", async () => {
    const refusal = { cmd: "connack", returnCode: 5, sessionPresent: false } as const;
    await loadAgainst(() => [refusal], { connectionCount: 3 });
    await load.until(() => load.count("settled") === 3);
    await load.turns(20);
    expect(load.failures).toEqual(["CONNACK refuses: not authorized: 3"]);
    expect([load.count("refused"), load.count("dialled")]).toEqual([3, 3]);
  });

  it("comes back after the time it was told", async () => {
    await loadAgainst((_, connection) => (connection === 0 ? null : [ACCEPT]), {
      reconnectMs: 60_000,
    });
    await load.until(() => load.failures.length > 0);
    expect(load.failures).toEqual(["closed by the other end: 1"]);
    await load.turns(20);
    expect(load.count("dialled")).toBe(1);
    load.skippedMs = 60_001;
    await load.until(() => load.count("up") === 1);
  });

  it("counts a connection that is lost, and one that is reset", async () => {
    const server = await loadAgainst(({ cmd }) => (cmd === "connect" ? [ACCEPT] : "reset"), {
      keepAliveSeconds: 5,
    });
    await load.until(() => load.count("up") === 1);
    load.skippedMs = 5_500;
    await load.until(() => load.count("up") === 0);
    expect(load.failures).toEqual(["cannot receive: ECONNRESET: 1"]);
    expect(server.of("pingreq")).toHaveLength(1);
  });

  it("counts what cannot be dialled", async () => {
    const server = await ScriptedBroker.start(() => []);
    server.close();
    load = new LoadUnderTest({ connectionCount: 2 }, server.port);
    await load.until(() => load.count("settled") === 2);
    expect(load.failures).toEqual(["cannot connect: ECONNREFUSED: 2"]);
  });

  it("waits for a CONNACK half a minute", async () => {
    await loadAgainst(() => [], {});
    await load.until(() => broker!.packets.length === 1);
    load.skippedMs = 30_100;
    await load.until(() => load.count("settled") === 1);
    expect(load.failures).toEqual(["no CONNACK in time: 1"]);
  });

  it("takes nothing but CONNACK for an answer to CONNECT", async () => {
    await loadAgainst(() => [{ cmd: "pingresp" }], {});
    await load.until(() => load.count("settled") === 1);
    expect(load.failures).toEqual(["not the MQTT that was asked for: type 13: 1"]);
  });

  it("keeps the interval between connections", async () => {
    load = new LoadUnderTest({ connectionCount: 3, connectIntervalMs: 60_000 });
    await load.until(() => load.count("up") === 1);
    await load.turns(20);
    expect(load.count("dialled")).toBe(1);
    load.skippedMs = 60_001;
    await load.until(() => load.count("up") === 2);
    expect(load.count("dialled")).toBe(2);
  });

  it("pings as often as the keep alive says when it has nothing else to send", async () => {
    load = new LoadUnderTest({ keepAliveSeconds: 10 });
    await load.until(() => load.count("up") === 1);
    const bytes = load.count("receivedBytes");
    load.skippedMs = 10_050;
    await load.until(() => load.count("receivedBytes") === bytes + 2);
    load.skippedMs = 20_150;
    await load.until(() => load.count("receivedBytes") === bytes + 4);
  });

  it("closes and connects again, over and over, when it cycles", async () => {
    load = new LoadUnderTest({ connectionCount: 5, isCycling: true });
    await load.until(() => load.count("connected") >= 50);
    expect([load.count("settled"), load.failures]).toEqual([5, []]);
  });

  it("connects from the addresses it was given, in turn", async () => {
    const sources = ["127.0.0.2", "127.0.0.3"].map((host) => makeEndpoint(host, 0)!);
    const { addresses } = await loadAgainst(() => [ACCEPT], { connectionCount: 4, sources });
    await load.until(() => load.count("up") === 4);
    expect([...addresses].sort()).toEqual(["127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.3"]);
  });

  it("counts an address that is not ours as a failure to connect", async () => {
    load = new LoadUnderTest({ sources: [makeEndpoint("192.0.2.1", 0)!] });
    await load.until(() => load.count("settled") === 1);
    expect(load.failures).toEqual(["cannot connect: EADDRNOTAVAIL: 1"]);
  });

  it("says DISCONNECT in the end", async () => {
    const server = await loadAgainst(({ cmd }) => (cmd === "disconnect" ? null : [ACCEPT]), {});
    await load.until(() => load.count("up") === 1);
    // The loop's goodbye blocks this thread, in which the server is: it hears of it afterwards.
    load.end();
    load = new LoadUnderTest({});
    await load.until(() => server.of("disconnect").length === 1);
  });
});
