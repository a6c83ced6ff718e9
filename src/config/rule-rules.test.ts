import { describe, expect, test } from "vitest";
import { loadRuled } from "../../tests/fixtures/ruled-settings.ts";

const has = (message: string) => [expect.stringContaining(message)];

describe("texts", () => {
  test("warn of what is right and useless", async () => {
    const rule = "rules: { connection: ['reject if { mqtt.client_id a }'] }";
    const { said, settings } = await loadRuled({ listener: [rule] });
    expect(said).toEqual(has("x:5:28: warning: this rule never applies"));
    expect(settings).not.toBe(null);
  });

  test("name acls as HAProxy does", async () => {
    const { said } = await loadRuled({ listener: ["acls: { 'a b': src 10.0.0.1 }"] });
    expect(said).toEqual(has('x:5:13: cannot name an acl "a b"'));
  });
});

describe("tables", () => {
  test("are there where rules mean them", async () => {
    const top = ["counters: { clients: { key: address } }"];
    const { said } = await loadRuled({ top, pool: ["counters: client"] });
    expect(said).toEqual(has('pools.p.counters names "client", which is no table of counters'));
  });

  test("have keys that can be made of what is tracked", async () => {
    const top = ["counters: { clients: { key: address } }"];
    const rule = (key: string) => [`rules: { content: ['track-sc0 ${key} table clients'] }`];
    expect((await loadRuled({ top, listener: rule("src") })).said).toEqual([]);
    expect((await loadRuled({ top, listener: rule("mqtt.user_name") })).said).toEqual([]);
    const { said } = await loadRuled({ top, listener: rule("always_true") });
    expect(said).toEqual(has('cannot track boolean in table "clients": its keys are address'));
  });

  test("store rates over a time, nothing else over one, and nothing twice", async () => {
    const store = (list: string) => [`counters: { clients: { key: address, store: [${list}] } }`];
    const told = async (list: string) => (await loadRuled({ top: store(list) })).said;
    expect(await told("conn_cur, conn_rate(1s)")).toEqual([]);
    expect(await told("conn_rate")).toEqual(has("conn_rate is a rate over no time"));
    expect(await told("conn_cur(1s)")).toEqual(has("conn_cur is no rate"));
    expect(await told("gpc0, gpc0")).toEqual(has("gpc0 is stored already"));
  });
});

describe("listeners without CONNECT", () => {
  const tcp = (...lines: string[]) => ({ listener: ["protocol: tcp", ...lines] });
  const asks = "reads no CONNECT";

  test("have rules over addresses alone", async () => {
    const good = tcp("rules: { connection: ['reject if { src 10.0.0.1 }'] }");
    expect((await loadRuled(good)).said).toEqual([]);
    const bad = tcp("rules: { content: ['reject if { mqtt.user_name a }', set-password x] }");
    expect((await loadRuled(bad)).said).toEqual([...has(asks), ...has(asks)]);
  });

  test("lead to no pool whose rules or keys ask for it", async () => {
    const rules = { ...tcp(), pool: ["rules: { content: ['reject if { mqtt.user_name a }'] }"] };
    expect((await loadRuled(rules)).said).toEqual(has(asks));
    const stick = { ...tcp(), pool: ["stick: { by: 'mqtt.user_name,lower' }"] };
    expect((await loadRuled(stick)).said).toEqual(has("sticks by mqtt.user_name,lower"));
    const source = { ...tcp(), pool: ["stick: { by: 'src,ipmask(24)' }"] };
    expect((await loadRuled(source)).said).toEqual([]);
  });

  test("limit nobody by what a CONNECT says", async () => {
    const { said } = await loadRuled(tcp("limits: { perClientId: { rate: 5/s } }"));
    expect(said).toEqual(has("limits.perClientId asks for the CONNECT"));
    const metered = await loadRuled(tcp("limits: { perAddress: { bytes: 1MiB/s } }"));
    expect(metered.said).toEqual(has("limits.perAddress meters packets"));
  });
});

test("limits leave rules all of their slots", async () => {
  const top = ["counters: { clients: { key: address } }"];
  const listener = ["limits: { perAddress: { connections: 5 } }"];
  const pool = ["rules: { content: [track-sc2 src table clients] }"];
  expect((await loadRuled({ top, listener, pool })).said).toEqual([]);
});
