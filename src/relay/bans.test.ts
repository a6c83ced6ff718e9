import { describe, expect, it } from "vitest";
import { CONNECT, connectPacket, Scene, type SceneOptions } from "../../tests/relay/relay-scene.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { encodeText } from "../bytes/utf8.ts";
import { counterNumber } from "../rules/counter-fields.ts";
import { parseRule } from "../rules/parse-rule.ts";
import type { BanPlan } from "../shm/plan.ts";
import { CounterTable, createCounterTable } from "../stick/counter-table.ts";

const GARBAGE = Uint8Array.of(0x16, 3, 1, 0);
const HOME = makeEndpoint("192.0.2.7", 40_000)!;
const NEIGHBOUR = makeEndpoint("192.0.2.200", 40_000)!;
const AWAY = makeEndpoint("198.51.100.7", 40_000)!;

const BAN: BanPlan = {
  ...{ by: "address", table: "a/bans/perAddress", failuresMax: 3, banMs: 60_000 },
  ...{ ipv4Bits: 32, ipv6Bits: 128 },
};

/** A relay that bans; failures count for ten seconds. */
function banning(ban: Partial<BanPlan> = {}, options: SceneOptions = {}): Scene {
  const plan = { ...BAN, ...ban };
  const counters = [
    { field: "gpc0", periodMs: 0 },
    { field: "gpc0_rate", periodMs: 10_000 },
    { field: "gpt0", periodMs: 0 },
  ] as const;
  const settings = { entriesMax: 100, expiryMs: 80_000, seed: 1, counters };
  const keyType = plan.by === "client-id" ? "text" : "address";
  const table = { name: plan.table, keyType, ...createCounterTable(settings) } as const;
  const listener = { ...options.listener, bans: [plan] };
  return new Scene({ ...options, listener, counterTables: [table] });
}

/** Clients that say something that is no MQTT. @returns how they ended */
function fail(scene: Scene, times: number, peer = HOME): string[] {
  for (let i = 0; i < times; i++) scene.client(GARBAGE, peer);
  return scene.reasons();
}

describe("bans by address", () => {
  it("begin after so many failures, for that address alone, and end by themselves", () => {
    const scene = banning();
    expect(fail(scene, 3)).toEqual(Array(3).fill("tls-on-plain-port"));
    scene.io.accept(0, HOME);
    expect(scene.reasons()).toEqual(["banned"]);
    for (const peer of [NEIGHBOUR, AWAY]) scene.relayed(CONNECT, peer);
    expect(scene.relay.connectionCount).toBe(2);
    expect([scene.count("bans"), scene.count("bannableFailures")]).toEqual([1, 3]);
    scene.io.now += 58_000;
    scene.io.accept(0, HOME);
    expect(scene.reasons()).toEqual(["banned"]);
    scene.io.now += 3_000;
    scene.relayed(CONNECT, HOME);
    expect(scene.relay.connectionCount).toBe(3);
  });

  it("do not begin for failures that lie far apart", () => {
    const scene = banning();
    for (let i = 0; i < 6; i++) {
      fail(scene, 1);
      scene.io.now += 11_000;
    }
    scene.relayed(CONNECT, HOME);
    expect(scene.relay.connectionCount).toBe(1);
  });

  it("are named in the log by the failure that led to them", () => {
    const scene = banning();
    fail(scene, 2);
    scene.client(GARBAGE, HOME);
    const [line] = scene.finished();
    expect(new TextDecoder().decode(line!.detail)).toBe('{"ban":"address 192.0.2.7 for 60 s"}');
  });

  it("wait for a PROXY header, where one says who the client is", () => {
    const proxyProtocol = { mode: "required", from: [], deadlineMs: 1_000 } as const;
    const scene = banning({ failuresMax: 1 }, { listener: { proxyProtocol } });
    const header = (address: string) => encodeText(`PROXY TCP4 ${address} 10.0.0.9 4000 1883\r\n`);
    const come = (address: string, bytes: Uint8Array) => {
      return scene.client(Uint8Array.from([...header(address), ...bytes]), AWAY);
    };
    come("192.0.2.7", GARBAGE);
    come("192.0.2.7", CONNECT);
    come("192.0.2.8", CONNECT);
    expect(scene.reasons()).toEqual(["tls-on-plain-port", "banned"]);
    expect(scene.relay.connectionCount).toBe(1);
  });
});

it("bans by network are for all of its addresses", () => {
  const scene = banning({ by: "network", ipv4Bits: 25 });
  fail(scene, 3);
  scene.relayed(CONNECT, NEIGHBOUR);
  expect(scene.relay.connectionCount).toBe(1);
  fail(scene, 2, NEIGHBOUR);
  fail(scene, 1, makeEndpoint("192.0.2.129", 1)!);
  scene.io.accept(0, NEIGHBOUR);
  expect(scene.reasons()).toEqual(["banned"]);
});

describe("bans by client id", () => {
  const connect = (level: 4 | 5, clientId = "device") => connectPacket({ level, clientId });

  /** A client whose server refuses it. */
  function refused(scene: Scene, level: 4 | 5, code: number): string | undefined {
    const slot = scene.relayed(connect(level));
    scene.io.bring(slot ^ 1, level === 5 ? [0x20, 3, 0, code, 0] : [0x20, 2, 0, code]);
    scene.io.end(slot ^ 1);
    scene.io.end(slot);
    return scene.reasons()[0];
  }

  it.each([
    [4, 4, 5],
    [4, 5, 5],
    [5, 0x86, 0x8a],
    [5, 0x87, 0x8a],
  ] as const)("answer in version %i after refusals with %i", (level, code, answer) => {
    const scene = banning({ by: "client-id" });
    for (let i = 0; i < 3; i++) expect(refused(scene, level, code)).toBe("server-refused");
    const slot = scene.client(connect(level));
    expect(scene.io.taken(slot)[3]).toBe(answer);
    scene.io.end(slot);
    expect(scene.reasons()).toEqual(["banned"]);
    scene.relayed(connect(level, "other"));
    expect(scene.relay.connectionCount).toBe(1);
  });

  it("do not begin for refusals that are not the client's fault", () => {
    const scene = banning({ by: "client-id", failuresMax: 1 });
    refused(scene, 4, 2);
    refused(scene, 5, 0x85);
    refused(scene, 5, 4);
    expect(scene.count("bannableFailures")).toBe(0);
  });

  it("count what rules refuse for bad credentials", () => {
    const { plan } = parseRule("reject code 0x86", "content");
    const scene = banning({ by: "client-id", failuresMax: 1 }, { listener: { rules: [plan!] } });
    scene.io.end(scene.client(connect(5)));
    expect(scene.reasons()).toEqual(["refused-by-rule"]);
    expect(scene.count("bans")).toBe(1);
  });

  it("are lifted by whoever clears the entry", () => {
    const scene = banning({ by: "client-id", failuresMax: 1 });
    refused(scene, 4, 5);
    const table = new CounterTable(scene.plan.counterTables[0]!, -1);
    const key = { bytes: encodeText("device"), offset: 0, length: 6 };
    expect(table.read(key, counterNumber("gpt0"), scene.io.now)).toBeGreaterThan(0);
    expect(table.forget(key, scene.io.now)).toBe(true);
    scene.relayed(connect(4));
    expect(scene.relay.connectionCount).toBe(1);
  });
});
