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
    rules: settings?.listeners[0]?.rules,
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
      {
        set: "connection",
        text: "limit src",
        condition: null,
        action: expect.objectContaining({
          ...{ kind: "limit", slot: 3, table: "a/perAddress" },
          ...{ connections: 10, connects: 5, whose: "from this address" },
        }),
      },
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
    expect(behindProxy.rules?.map(({ set }) => set)).toEqual(["session"]);
  });

  test("answer in MQTT whoever has said who it is", async () => {
    const { rules, tables } = await load(
      "limits: { perClientId: { connections: 1 }, perUserName: { rate: 100/10m, size: 5 } }",
    );
    expect(rules?.map(({ set, text }) => `${set}: ${text}`)).toEqual([
      "content: limit mqtt.client_id",
      "content: limit mqtt.user_name",
    ]);
    expect(tables?.map(({ entriesMax, expireMs }) => [entriesMax, expireMs])).toEqual([
      [100_000, 60_000],
      [5, 1_200_000],
    ]);
  });

  test("meter what clients send, where that is asked for", async () => {
    const user = "perUserName: { publishes: 100/10s, bytes: 64KiB/s }";
    const { tables, rules } = await load(`limits: { ${user}, perAddress: { bytes: 1MB/s } }`);
    expect(tables?.map(({ meters, counters }) => [meters, counters.length])).toEqual([
      [{ publishes: null, bytes: { count: 1_000_000, periodMs: 1_000 } }, 2],
      [
        {
          publishes: { count: 100, periodMs: 10_000 },
          bytes: { count: 65_536, periodMs: 1_000 },
        },
        3,
      ],
    ]);
    expect(rules?.[1]?.action).toMatchObject({ connections: null, connects: null });
  });

  test.each(["publishes: 5/5m", "bytes: 100B/s", "bytes: 5/s", "bytes: 1MiB", "publishes: 0/s"])(
    "know no rate such as %s",
    async (key) => {
      const { said } = await load(`limits: { perUserName: { ${key} } }`);
      expect(said).toEqual([expect.stringMatching(/expected (a rate|bytes over a time) such as/)]);
    },
  );

  test("take whole networks together", async () => {
    const { rules } = await load("limits: { perNetwork: { connections: 9, ipv4: 20 } }");
    expect(rules?.[0]?.text).toBe("limit src,ipmask(20,64)");
  });

  test("come before the operator's rules", async () => {
    const limits = "limits: { perAddress: { rate: 5/s }, perNetwork: { rate: 9/s } }";
    const table = "rules: { connection: [track-sc0 src table a/perAddress] }";
    const { said } = await load(limits, table);
    expect(said).toEqual([expect.stringContaining('cannot use table "a/perAddress"')]);
    const accepting = await load(limits, "rules: { connection: [accept] }");
    expect(accepting.rules?.at(-1)?.text).toBe("accept");
  });

  test("may all be there at once, each in a slot of its own behind those of rules", async () => {
    const all = ["perAddress", "perNetwork", "perCertificate", "perClientId", "perUserName"];
    const limits = `limits: { ${all.map((name) => `${name}: { rate: 5/s }`).join(", ")} }`;
    const { rules, said } = await load(limits);
    expect(rules).toBeUndefined();
    expect(said).toEqual([
      "x:5:69: listeners.a asks for no certificate to go by, expected tls.clientCertificate",
    ]);
    const others = await load(limits.replace("perCertificate: { rate: 5/s }, ", ""));
    const slots = others.rules?.map(({ action }) => (action.kind === "limit" ? action.slot : -1));
    expect(slots).toEqual([3, 4, 6, 7]);
  });
});
