import { describe, expect, test } from "vitest";
import { MemoryFiles } from "../../tests/fixtures/memory-files.ts";
import { compileRules } from "../rules/compile-rules.ts";
import { formatDiagnostic } from "./diagnostic.ts";
import { loadSettings } from "./load-settings.ts";

const FILES = new MemoryFiles({
  "/etc/fairlead/lists/banned.lst": "# whoever misbehaved\n10.0.0.1\n10.2.0.0/16\n",
  "/etc/fairlead/tenants.map": "# user, pool\nanna   blue\nbert\tred team\n\n",
});

async function load(text: string) {
  const lookUp = async () => [];
  const source = { file: "/etc/fairlead/fairlead.yaml", text };
  const found = await loadSettings(source, { environment: {}, lookUp, files: FILES });
  return { ...found, said: found.diagnostics.map(formatDiagnostic) };
}

const TEXT = `
counters: { clients: { key: address, store: [conn_cur, { field: conn_rate, period: 10s }] } }
listeners:
  mqtt:
    listen: 0.0.0.0:1883
    pool: blue
    counters: clients
    acls:
      banned: src -f lists/banned.lst
      known: [src 10.0.0.0/8, mqtt.client_id -m beg dev-]
    rules:
      session: [reject if banned, track-sc0 src, 'reject if { sc0_conn_cur gt 3 }']
      content: ['set-var(txn.pool) mqtt.user_name,map(tenants.map,blue)', reject unless known]
      pool: ['use-pool %[var(txn.pool)]']
pools:
  blue:
    stick: { by: 'src,ipmask(24)' }
    rules: { server: ['use-server a if { src 10.0.0.1 }'] }
    servers: [{ name: a, address: 10.0.0.2:1 }, 10.0.0.3:1]
  red:
    servers: [10.0.0.4:1]
`;

describe("readRules", () => {
  test("reads rules with the acls and the files that they name", async () => {
    const { settings, said } = await load(TEXT);
    expect(said).toEqual([]);
    const { rules, counterTable } = settings!.listeners[0]!;
    expect(counterTable).toBe("clients");
    const patterns = ["10.0.0.1", "10.2.0.0/16"];
    const terms = [{ name: "banned", tests: [{ method: "ip", groups: [{ patterns }] }] }];
    expect(rules[0]).toMatchObject({ set: "session", condition: { anyOf: [terms] } });
    const entries = [
      { key: "anna", value: "blue" },
      { key: "bert", value: "red team" },
    ];
    const action = { kind: "set-variable", value: { converters: [{ name: "map", entries }] } };
    expect(rules[3]).toMatchObject({ set: "content", action });
    expect(settings?.pools[0]).toMatchObject({
      stick: [{ by: "expression", expression: { text: "src,ipmask(24)", type: "address" } }],
      rules: [{ set: "server", action: { kind: "use-server", server: "a" } }],
    });
  });

  test("makes plans that workers can compile", async () => {
    const { settings } = await load(TEXT);
    const names = {
      tables: new Map([["clients", { number: 0, keyType: "address" as const }]]),
      ownTable: "clients",
      pools: new Map([
        ["blue", 0],
        ["red", 1],
      ]),
      servers: new Map([["blue/a", 0]]),
      ownPool: "blue",
      listeners: new Map(),
      environment: new Map(),
      hostName: "here",
      ownAddresses: [],
    };
    for (const { rules } of [...settings!.listeners, ...settings!.pools]) {
      expect(() => compileRules(rules, names)).not.toThrow();
    }
  });

  test("takes a pool that rules compute for used, and so all of them", async () => {
    const { said } = await load(TEXT.replace("%[var(txn.pool)]", "blue"));
    expect(said).toEqual([expect.stringContaining('no listener uses the pool "red"')]);
  });

  test("says where in a file a pattern is wrong", async () => {
    const { said } = await load(TEXT.replace("lists/banned.lst", "tenants.map"));
    expect(said).toHaveLength(2);
    expect(said[0]).toContain(':9:22: cannot use pattern "anna   blue" in line 2 of "tenants.map"');
  });

  test("knows an acl that is wrong, so that its mistake is one", async () => {
    const { said } = await load(TEXT.replace("src -f lists/banned.lst", "src nobody"));
    expect(said).toEqual([expect.stringContaining('cannot use pattern "nobody"')]);
  });
});
