import { expect, test } from "vitest";
import { loadRuled } from "../../tests/fixtures/ruled-settings.ts";

test("tables are those that are written and those of limits, rules after limits", async () => {
  const { settings } = await loadRuled({
    top: ["counters: { users: { key: text, size: 5, expire: 1m, store: [conn_rate(10s)] } }"],
    listener: [
      ...["counters: users", "limits: { perAddress: { connections: 3 } }"],
      "rules: { content: [track-sc0 mqtt.user_name], connection: [accept] }",
    ],
    pool: ["counters: users", "rules: { server: [use-server one] }"],
  });
  expect(settings?.counterTables).toEqual([
    {
      ...{ name: "users", keyType: "text", entriesMax: 5, expireMs: 60_000 },
      counters: [{ field: "conn_rate", periodMs: 10_000 }],
    },
    expect.objectContaining({ name: "a/perAddress", keyType: "address" }),
  ]);
  const [listener] = settings!.listeners;
  expect(listener?.counterTable).toBe("users");
  expect(listener?.rules.map(({ set, action }) => `${set} ${action.kind}`)).toEqual([
    ...["connection limit", "connection accept", "content track"],
  ]);
  expect(settings?.pools[0]).toMatchObject({ counterTable: "users", rules: [{ set: "server" }] });
  expect(settings?.pools[1]).toMatchObject({ counterTable: null, rules: [] });
});
