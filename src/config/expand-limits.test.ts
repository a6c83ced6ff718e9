import { describe, expect, test } from "vitest";
import { formatDiagnostic } from "./diagnostic.ts";
import { loadSettings } from "./load-settings.ts";

/** What a listener with these keys becomes. */
async function load(...lines: string[]) {
  const listener = ["listen: 0.0.0.0:1883", "pool: p", ...lines];
  const own = listener.map((line) => `    ${line}\n`).join("");
  const text = `listeners:\n  a:\n${own}pools: { p: { servers: [10.0.0.1:1, 10.0.0.2:1] } }\n`;
  const lookUp = async () => [];
  const { settings, diagnostics } = await loadSettings(
    { file: "x", text },
    { environment: {}, lookUp },
  );
  return {
    rules: settings?.listeners[0]?.rules.map(({ set, text: rule }) => `${set}: ${rule}`),
    tables: settings?.counterTables,
    said: diagnostics.map(formatDiagnostic),
  };
}

describe("expandLimits", () => {
  test("are nothing where nothing is limited", async () => {
    expect(await load("limits: { perAddress: {} }")).toEqual({ rules: [], tables: [], said: [] });
  });

  test("refuse an address as soon as it is certain", async () => {
    const limits = "limits: { perAddress: { connections: 10, rate: 5/s } }";
    const { rules, tables } = await load(limits);
    expect(rules).toEqual([
      "connection: track-sc2 src table a/perAddress",
      "connection: reject if { sc2_conn_cur gt 10 }",
      "connection: reject if { sc2_conn_rate gt 5 }",
    ]);
    expect(tables).toEqual([
      {
        ...{ name: "a/perAddress", keyType: "address", entriesMax: 100_000, expireMs: 60_000 },
        counters: [
          { field: "conn_cur", periodMs: 0 },
          { field: "conn_rate", periodMs: 1_000 },
        ],
      },
    ]);
    const behindProxy = await load("proxyProtocol: { from: [10.0.0.9] }", limits);
    expect(behindProxy.rules?.every((rule) => rule.startsWith("session: "))).toBe(true);
  });

  test("answer in MQTT whoever has said who it is", async () => {
    const { rules, tables } = await load(
      "limits: { perClientId: { connections: 1 }, perUserName: { rate: 100/10m, size: 5 } }",
    );
    expect(rules).toEqual([
      "content: track-sc2 mqtt.client_id table a/perClientId",
      "content: reject code 0x97 reason too many connections with this client id " +
        "if { sc2_conn_cur gt 1 }",
      "content: track-sc1 mqtt.user_name table a/perUserName",
      "content: reject code 0x9f reason connections of this user come too often " +
        "if { sc1_conn_rate gt 100 }",
    ]);
    expect(tables?.map(({ entriesMax, expireMs }) => [entriesMax, expireMs])).toEqual([
      [100_000, 60_000],
      [5, 1_200_000],
    ]);
  });

  test("take whole networks together", async () => {
    const { rules } = await load("limits: { perNetwork: { connections: 9, ipv4: 20 } }");
    expect(rules?.[0]).toBe("connection: track-sc2 src,ipmask(20,64) table a/perNetwork");
  });

  test("come before the operator's rules, and leave them what slots there are", async () => {
    const limits = "limits: { perAddress: { rate: 5/s }, perNetwork: { rate: 9/s } }";
    const table = "rules: { connection: [track-sc0 src table a/perAddress] }";
    const { said } = await load(limits, table);
    expect(said).toEqual([expect.stringContaining('cannot use table "a/perAddress"')]);
    const accepting = await load(limits, "rules: { connection: [accept] }");
    expect(accepting.rules?.at(-1)).toBe("connection: accept");
  });

  test("are three at most", async () => {
    const each = "{ rate: 5/s }";
    const all = ["perAddress", "perNetwork", "perClientId", "perUserName"];
    const { said } = await load(`limits: { ${all.map((name) => `${name}: ${each}`).join(", ")} }`);
    expect(said).toEqual([expect.stringContaining("limits.perUserName is one limit too many")]);
  });
});
