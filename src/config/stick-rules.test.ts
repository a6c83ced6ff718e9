import { expect, test } from "vitest";
import { loadRuled } from "../../tests/fixtures/ruled-settings.ts";

const T = "stickTables: { t: { size: 9 } }";
const has = (...parts: readonly string[]) => parts.map((part) => expect.stringContaining(part));

async function said(top: readonly string[], ...pool: readonly string[]) {
  return (await loadRuled({ top, pool })).said;
}

test("rules name tables that are there", async () => {
  expect(await said([T], "stick: { by: source, table: t }")).toEqual([]);
  expect(await said([T], "stick: { by: source, table: tt }")).toEqual(
    has('no pool uses the sticky table "t"', 'table names "tt", which is no table of stickTables'),
  );
  expect(await said([], "stickRules: [{ by: source, table: t }]")).toEqual(
    has('pools.p.stickRules[0].table names "t"'),
  );
  expect(await said([], "stickRules: [{ by: source }]")).toEqual(has('no key "table"'));
  expect(await said([T])).toEqual(has('warning: no pool uses the sticky table "t"'));
});

test("a table that pools share says itself how large it is", async () => {
  expect(await said([T], "stick: { by: source, table: t, size: 5, expire: 1h }")).toEqual(
    has("which has its own size, expected stickTables.t.size", "which has its own expire"),
  );
});

test("a pool has one way to write how it sticks", async () => {
  const both = ["stick: { by: source }", "stickRules: [{ by: source, table: t }]"];
  expect(await said([T], ...both)).toEqual(has("pools.p has stick and stickRules"));
});

test("no two tables have one name", async () => {
  const tables = "stickTables: { p: {} }";
  expect(await said([tables], "stick: { by: source }")).toEqual(
    has("no pool uses", 'the pool "p" has a table of that name to itself'),
  );
  expect(await said([tables], "stick: { by: source, table: p }")).toEqual([]);
});

test("conditions are read with the acls of their pool, and fit its listeners", async () => {
  const rule = (condition: string) => `stickRules: [{ by: source, table: t, if: '${condition}' }]`;
  expect(await said([T], "acls: { inside: src 10.0.0.0/8 }", rule("!inside"))).toEqual([]);
  expect(await said([T], rule("inside"))).toEqual(has('cannot use acl "inside": there is none'));
  expect(await said([T], rule("{ src,table_conn_cnt(nobody) 1 }"))).toEqual(
    has('cannot use table "nobody"'),
  );
  const listener = ["protocol: tcp"];
  const pool = [rule("{ mqtt.level 5 }")];
  expect((await loadRuled({ top: [T], listener, pool })).said).toEqual(
    has('reads no CONNECT, but the pool "p" sticks by a condition on it'),
  );
});

test("sessions are followed of client ids alone", async () => {
  const follows = "stickTables: { t: { size: 9, followSession: true } }";
  for (const by of ["source", "user-name", "mqtt.user_name"]) {
    const expected = has(`is "${by}", which has no session for followSession, expected client-id`);
    expect(await said([], `stick: { by: ${by}, followSession: true }`)).toEqual(expected);
    expect(await said([follows], `stick: { by: ${by}, table: t }`)).toEqual(expected);
    expect(await said([follows], `stickRules: [{ by: ${by}, table: t }]`)).toEqual(expected);
  }
  expect(await said([], "stick: { by: client-id, followSession: true }")).toEqual([]);
  expect(await said([follows], "stickRules: [{ by: client-id, table: t }]")).toEqual([]);
});
