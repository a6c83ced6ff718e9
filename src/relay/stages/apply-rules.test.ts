import { describe, expect, it } from "vitest";
import {
  CONNECT,
  CONNECT_5,
  connectPacket,
  Scene,
  type SceneOptions,
} from "../../../tests/relay/relay-scene.ts";
import { formatEndpoint, makeEndpoint } from "../../bytes/endpoint.ts";
import { readConnack } from "../../mqtt/connack.ts";
import { ConnectInspector } from "../../mqtt/connect.ts";
import { parseExpression } from "../../rules/parse-expression.ts";
import { parseRule } from "../../rules/parse-rule.ts";
import type { LimitAction, RulePlan, RuleSet } from "../../rules/rule.ts";
import { REASON } from "../../shm/close-reason.ts";
import { createCounterTable } from "../../stick/counter-table.ts";

const HOME = makeEndpoint("192.0.2.7", 40_000)!;
const AWAY = makeEndpoint("198.51.100.7", 40_000)!;

function rule(set: RuleSet, text: string): RulePlan {
  const { plan, problems } = parseRule(text, set);
  if (plan === null) throw new Error(`Cannot read "${text}": ${problems[0]?.message}`);
  return plan;
}

function ruled(set: RuleSet, texts: readonly string[], options: SceneOptions = {}): Scene {
  const rules = texts.map((text) => rule(set, text));
  return new Scene({ ...options, listener: { ...options.listener, rules } });
}

function counters() {
  const settings = {
    entriesMax: 100,
    expiryMs: 60_000,
    seed: 1,
    counters: [{ field: "conn_cur", periodMs: 0 } as const],
  };
  return { name: "clients", keyType: "address", ...createCounterTable(settings) } as const;
}

function limited(set: RuleSet, key: string, entriesMax = 100): Scene {
  const counters = [
    { field: "conn_cur", periodMs: 0 },
    { field: "conn_rate", periodMs: 10_000 },
  ] as const;
  const settings = { entriesMax, expiryMs: 60_000, seed: 1, counters };
  const table = { name: "a/limit", keyType: "text", ...createCounterTable(settings) } as const;
  const limits = { connections: 2, connects: 4, whose: "of this user" };
  const action: LimitAction = {
    kind: "limit",
    slot: 7,
    key: parseExpression(key).plan!,
    table: table.name,
    ...limits,
  };
  const rules: RulePlan[] = [{ set, action, condition: null, text: `limit ${key}` }];
  return new Scene({ listener: { rules }, counterTables: [table] });
}

describe("limits by key", () => {
  const anna = (level: 4 | 5) => connectPacket({ level, userName: "anna" });

  it("refuse whoever has too many connections, in its own version, and say which", () => {
    const scene = limited("content", "mqtt.user_name");
    const slots = [0, 1].map(() => scene.relayed(anna(4)));
    const refused = [scene.client(anna(5)), scene.client(anna(4))];
    const answers = refused.map((slot) => scene.io.taken(slot));
    expect([answers[0]![3], answers[1]![3]]).toEqual([0x97, 3]);
    for (const slot of refused) scene.io.end(slot);
    const [line] = scene.finished();
    expect(new TextDecoder().decode(line!.detail)).toBe(
      '{"refusal":"too many connections of this user"}',
    );
    expect(scene.count("refusedByLimits")).toBe(2);
    expect(scene.count("refusedByRules")).toBe(0);
    expect(scene.count("closed", REASON["connections-over-limit"])).toBe(2);
    scene.io.break(slots[0]!, 104);
    scene.relayed(connectPacket({ userName: "bert" }));
    expect(scene.relay.connectionCount).toBe(2);
  });

  it("refuse whoever comes too often, those who were refused included", () => {
    const scene = limited("content", "mqtt.user_name");
    const visits = Array.from({ length: 4 }, () => {
      const slot = scene.relayed(anna(4));
      scene.io.break(slot, 104);
      return scene.reasons()[0];
    });
    expect(visits).toEqual(Array(4).fill("client-reset"));
    scene.io.end(scene.client(anna(5)));
    expect(scene.reasons()).toEqual(["connects-over-limit"]);
  });

  it("know nothing of clients that have no such key", () => {
    const scene = limited("content", "mqtt.user_name");
    for (let i = 0; i < 6; i++) scene.relayed(CONNECT);
    expect(scene.relay.connectionCount).toBe(6);
  });

  it("close whoever is known before it was heard, and count whom they cannot", () => {
    const early = limited("connection", "src");
    for (let i = 0; i < 3; i++) early.io.accept(0, HOME);
    expect(early.reasons()).toEqual(["connections-over-limit"]);
    const small = limited("content", "mqtt.user_name", 1);
    for (let i = 0; i < 6; i++) small.relayed(connectPacket({ userName: `user ${i}` }));
    expect(small.relay.connectionCount).toBe(6);
    expect(small.count("uncounted")).toBeGreaterThan(0);
  });
});

describe("rules at accept", () => {
  it("let in or refuse by address, before a byte is read", () => {
    const scene = ruled("connection", ["reject if !{ src 192.0.2.0/24 }"]);
    scene.io.accept(0, AWAY);
    expect(scene.reasons()).toEqual(["refused-by-rule"]);
    expect(scene.count("refusedByRules")).toBe(1);
    scene.client(CONNECT, HOME);
    expect(scene.relay.connectionCount).toBe(1);
  });

  it("drop without a word", () => {
    const scene = ruled("connection", ["silent-drop"]);
    const slot = scene.io.accept(0, AWAY);
    expect(scene.io.socket(slot).wasDropped).toBe(true);
    expect(scene.reasons()).toEqual(["dropped-by-rule"]);
    expect(scene.leftovers()).toEqual([]);
  });

  it("count clients by key for as long as they are there", () => {
    const texts = ["track-sc0 src table clients", "reject if { sc0_conn_cur(clients) gt 2 }"];
    const scene = ruled("connection", texts, { counterTables: [counters()] });
    const slots = [0, 1].map(() => scene.relayed(CONNECT, HOME));
    scene.io.accept(0, HOME);
    expect(scene.reasons()).toEqual(["refused-by-rule"]);
    scene.io.break(slots[0]!, 104);
    scene.client(CONNECT, HOME);
    expect(scene.relay.connectionCount).toBe(2);
    scene.client(CONNECT, AWAY);
    expect(scene.relay.connectionCount).toBe(3);
  });

  it("may give the client another address", () => {
    const scene = ruled("connection", ["set-src str(203.0.113.9)"]);
    scene.client(CONNECT, HOME);
    expect(formatEndpoint(scene.context.connections.endpoints, 0)).toBe("203.0.113.9:40000");
  });
});

describe("rules at CONNECT", () => {
  const text = 'reject code 0x87 reason "Not from here" if { mqtt.client_id -m beg bad- }';

  it("refuse a client in its own version, in the operator's words", () => {
    const five = ruled("content", [text]);
    const slot = five.client(connectPacket({ level: 5, clientId: "bad-1" }));
    const words = five.io.taken(slot);
    expect(readConnack(words, 0, words.length)).toBe(0x87);
    expect(new TextDecoder().decode(words)).toContain("Not from here");
    const four = ruled("content", [text]);
    const other = four.client(connectPacket({ clientId: "bad-2" }));
    expect([...four.io.taken(other)]).toEqual([0x20, 2, 0, 5]);
    four.io.end(other);
    expect(four.reasons()).toEqual(["refused-by-rule"]);
    expect(four.leftovers()).toEqual([]);
  });

  it("refuse with the name of another server, and keep nothing of it", () => {
    const scene = ruled("content", ["reject code 0x9c reference b.example:8883"]);
    const slot = scene.client(connectPacket({ level: 5, clientId: "moved" }));
    const words = scene.io.taken(slot);
    expect(readConnack(words, 0, words.length)).toBe(0x9c);
    expect(new TextDecoder().decode(words)).toContain("b.example:8883");
    scene.io.end(slot);
    expect(scene.context.refusalReferences.size).toBe(0);
    const limited = ruled("content", ["reject code 0x87"]);
    const other = limited.io.taken(limited.client(connectPacket({ level: 5 })));
    expect(new TextDecoder().decode(other)).not.toContain("b.example");
  });

  it("see the whole CONNECT, however it was split", () => {
    const bad = connectPacket({ clientId: "bad-3" });
    for (let at = 1; at < bad.length; at++) {
      const scene = ruled("content", [text]);
      const slot = scene.client(bad.subarray(0, at));
      scene.io.bring(slot, bad.subarray(at));
      scene.io.end(slot);
      expect(scene.reasons()).toEqual(["refused-by-rule"]);
    }
  });

  it("name the server, unless that is not there", () => {
    const texts = ["use-server brokers/s2 if { mqtt.client_id vip }"];
    const scene = ruled("content", texts, { servers: [{}, {}, {}] });
    for (let i = 0; i < 3; i++) {
      scene.client(connectPacket({ clientId: "vip" }));
      expect(scene.lastDialled).toBe(2);
    }
    scene.shared.servers.setUp(2, false);
    scene.client(connectPacket({ clientId: "vip" }));
    expect(scene.lastDialled).not.toBe(2);
  });

  it("write fields of the CONNECT anew, and what is known of the client with them", () => {
    const texts = ["set-client-id %[mqtt.user_name]/%[mqtt.client_id]", "set-user-name shared"];
    const scene = ruled("content", texts, { stickBy: "client-id" });
    const sent = connectPacket({ level: 5, clientId: "7", userName: "tenant", password: "secret" });
    const slot = scene.client(Uint8Array.from([...sent, 0xc0, 0]));
    scene.io.establish(slot ^ 1);
    const got = scene.io.taken(slot ^ 1);
    const inspector = new ConnectInspector();
    const size = inspector.inspect(got, 0, got.length, 65_536);
    expect([...got.subarray(size)]).toEqual([0xc0, 0]);
    const text = (offset: number, length: number) =>
      new TextDecoder().decode(got.subarray(offset, offset + length));
    expect(text(inspector.clientIdOffset, inspector.clientIdLength)).toBe("tenant/7");
    expect(text(inspector.userNameOffset, inspector.userNameLength)).toBe("shared");
    expect(text(inspector.passwordOffset, inspector.passwordLength)).toBe("secret");
    const { clientIds } = scene.context.connections;
    expect(clientIds.lengthOf(0)).toBe("tenant/7".length);
  });

  it("cost nothing where there are none", () => {
    const scene = new Scene();
    const slot = scene.relayed(CONNECT_5);
    expect(scene.io.taken(slot ^ 1)).toEqual(CONNECT_5);
  });
});
