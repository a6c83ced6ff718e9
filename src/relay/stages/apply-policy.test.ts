import { describe, expect, it } from "vitest";
import { connectPacket, Scene } from "../../../tests/relay/relay-scene.ts";
import { createBalanceMemory } from "../../balance/balancers.ts";
import { readConnack } from "../../mqtt/connack.ts";
import { ConnectInspector } from "../../mqtt/connect.ts";
import { parseRule } from "../../rules/parse-rule.ts";
import type { Plan, PolicyPlan } from "../../shm/plan.ts";

/** @param body of onConnect(connect, client), in terms of decisions as they are */
function policyOf(body: string, version = "1"): PolicyPlan {
  const text = `exports.default = { pools: {}, onConnect(connect, client) { ${body} } }`;
  return { file: "/nowhere/fairlead.config.js", text, version };
}

function route(fields: string): string {
  return `return { kind: "route", pool: null, server: null, changes: null, ${fields} };`;
}

/** Two pools with a server each; the listener's own is the first. */
function twoPools(scene: Scene, policy: PolicyPlan): Plan {
  const [first] = scene.plan.pools;
  const pools = [
    { ...first!, servers: [0] },
    { ...first!, name: "canary", servers: [1] },
  ];
  const { servers } = scene.plan;
  const balanceMemories = pools.map((pool) => ({
    generation: 2,
    memory: createBalanceMemory({ pools: [pool], servers }),
  }));
  return { ...scene.plan, generation: 2, pools, balanceMemories, policy };
}

const inspector = new ConnectInspector();

describe("onPolicy", () => {
  it("changes nothing for clients that the policy leaves alone", () => {
    const sent = connectPacket({ clientId: "plain" });
    const scene = new Scene({ policy: policyOf("") });
    const slot = scene.relayed(sent);
    expect([...scene.io.taken(slot ^ 1)]).toEqual([...sent]);
    expect(scene.count("policyTimes")).toBe(1);
    expect(scene.count("policyFaults")).toBe(0);
  });

  it("refuses in the client's own version, in the policy's words", () => {
    const body = `return { kind: "refuse", code: 0x8a, reason: "Banned: " + connect.clientId };`;
    const scene = new Scene({ policy: policyOf(body) });
    const five = scene.client(connectPacket({ level: 5, clientId: "x1" }));
    const words = scene.io.taken(five);
    expect(readConnack(words, 0, words.length)).toBe(0x8a);
    expect(new TextDecoder().decode(words)).toContain("Banned: x1");
    const four = scene.client(connectPacket({ clientId: "x2" }));
    expect([...scene.io.taken(four)]).toEqual([0x20, 2, 0, 5]);
    scene.io.end(five);
    scene.io.end(four);
    expect(scene.reasons()).toEqual(["refused-by-policy", "refused-by-policy"]);
    expect(scene.count("refusedByPolicy")).toBe(2);
    expect(scene.leftovers()).toEqual([]);
  });

  it("sends clients elsewhere in a refusal, and keeps nothing of it", () => {
    const words = `code: 0x9c, reason: null, reference: "b.example:8883"`;
    const scene = new Scene({ policy: policyOf(`return { kind: "refuse", ${words} };`) });
    const five = scene.client(connectPacket({ level: 5 }));
    const said = scene.io.taken(five);
    expect(readConnack(said, 0, said.length)).toBe(0x9c);
    expect(new TextDecoder().decode(said)).toContain("b.example:8883");
    scene.io.end(five);
    expect(scene.reasons()).toEqual(["refused-by-policy"]);
    expect(scene.context.refusalReferences.size).toBe(0);
    expect(scene.leftovers()).toEqual([]);
  });

  it.each([
    ["an exception", "null.x;"],
    ["a promise", "return Promise.reject(new Error('late'));"],
    ["an unknown pool", route('pool: "nobody"')],
    ["anything else", "return 7;"],
  ])("refuses who meets %s with 0x83 and 3", (_, body) => {
    const scene = new Scene({ policy: policyOf(body) });
    const five = scene.client(connectPacket({ level: 5 }));
    const words = scene.io.taken(five);
    expect(readConnack(words, 0, words.length)).toBe(0x83);
    const four = scene.client(connectPacket({}));
    expect([...scene.io.taken(four)]).toEqual([0x20, 2, 0, 3]);
    expect(scene.count("policyFaults")).toBe(2);
    expect(scene.io.dials).toEqual([]);
  });

  it("sends clients to another pool, or to one of its servers", () => {
    const scene = new Scene({ servers: [{}, {}] });
    const body = `
      if (connect.clientId === "p") ${route('pool: "canary"')}
      if (connect.clientId === "s") ${route('server: "canary/s1"')}`;
    scene.relay.usePlan(twoPools(scene, policyOf(body)));
    const dialled = ["p", "x", "s"].map((clientId) => {
      scene.client(connectPacket({ clientId }));
      return scene.lastDialled;
    });
    expect(dialled).toEqual([1, 0, 1]);
  });

  it("names a server by its name alone in the listener's own pool", () => {
    const scene = new Scene({ servers: [{}, {}, {}], policy: policyOf(route('server: "s2"')) });
    for (let i = 0; i < 3; i++) {
      scene.client();
      expect(scene.lastDialled).toBe(2);
    }
  });

  it("lets servers see what it has made of the CONNECT, in every version", () => {
    const changes = `changes: { clientId: "t/" + connect.clientId, userName: "u", password: null,
      userProperties: [{ name: "site", value: client.address }] }`;
    for (const level of [4, 5] as const) {
      const scene = new Scene({ policy: policyOf(route(changes)) });
      const sent = { level, clientId: "d", userName: "old", password: "old" };
      const slot = scene.relayed(connectPacket(sent));
      const got = scene.io.taken(slot ^ 1);
      expect(inspector.inspect(got, 0, got.length, 65_536)).toBe(got.length);
      expect(inspector.clientId()).toBe("t/d");
      expect(inspector.userName()).toBe("u");
      expect(inspector.passwordLength).toBe(0);
      expect(inspector.userProperties().map(({ name }) => name)).toEqual(
        level === 5 ? ["site"] : [],
      );
    }
  });

  it("goes before the rules, which see what it has made", () => {
    const rule = parseRule("reject if { mqtt.client_id -m beg t/ }", "content").plan!;
    const policy = policyOf(route(`changes: { clientId: "t/" + connect.clientId }`));
    const scene = new Scene({ policy, listener: { rules: [rule] } });
    scene.client();
    expect(scene.reasons()).toEqual(["refused-by-rule"]);
  });

  it("leaves bytes that are no MQTT alone", () => {
    const scene = new Scene({ policy: policyOf("null.x;"), listener: { protocol: "tcp" } });
    scene.io.accept(0);
    expect(scene.lastDialled).toBe(0);
    expect(scene.count("policyTimes")).toBe(0);
  });
});
