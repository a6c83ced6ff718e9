import { describe, expect, test } from "vitest";
import { loadRuled, type Ruled } from "../../tests/fixtures/ruled-settings.ts";

const TABLE = "counters: { clients: { key: address } }";

/** What is said of a file with these parts, without file and line. */
async function told(ruled: Ruled): Promise<string[]> {
  const { said } = await loadRuled({ top: [TABLE], ...ruled });
  return said.map((line) => line.replace(/^x:\d+:\d+: /, ""));
}

const listener = (rule: string) => ({ listener: [`rules: { content: ['${rule}'] }`] });
const pool = (rule: string) => ({ pool: [`rules: { server: ['${rule}'] }`] });

describe("names in rules", () => {
  test.each([
    listener("track-sc0 src table clients"),
    listener("reject if { src_conn_cnt(clients) gt 5 }"),
    listener("reject if { src,in_table(clients) }"),
    listener("use-pool other if { nbsrv(p) eq 0 }"),
    listener("use-server p/one if { srv_is_up(p/one) }"),
    listener("reject if { fe_conn gt 5 } or { fe_conn(a) gt 5 }"),
    pool("use-server one if { nbsrv gt 0 } { srv_is_up(one) }"),
    pool("use-server 10.0.0.2:1"),
    { pool: ["stick: { by: 'src,table_conn_cnt(clients)' }"] },
  ])("may be any that are there: %o", async (ruled) => {
    expect(await told(ruled)).toEqual([]);
  });

  test.each([
    [listener("track-sc0 src table client"), 'cannot use table "client"'],
    [listener("track-sc0 src"), "cannot track: name a table"],
    [listener("reject if { src_conn_cnt gt 5 }"), 'cannot use "src_conn_cnt": name a table'],
    [listener("use-pool q"), 'cannot use pool "q": there is no such pool'],
    [listener("use-server one"), 'cannot use server "one"'],
    [listener("reject if { be_conn gt 5 }"), 'cannot use "be_conn": name a pool'],
    [listener("reject if { fe_conn(b) gt 5 }"), 'cannot use listener "b"'],
    [pool("use-server two"), 'cannot use server "two"'],
    [{ pool: ["stick: { by: 'src,table_conn_cnt(nobody)' }"] }, 'cannot use table "nobody"'],
  ])("are missed: %o", async (ruled, message) => {
    expect(await told(ruled)).toEqual([expect.stringContaining(message)]);
  });

  test("that are left out mean the table and the pool of whoever has the rule", async () => {
    const own = "counters: clients";
    expect(await told({ listener: [own, ...listener("track-sc0 src").listener] })).toEqual([]);
    const rule = "use-server one if { src_conn_cnt gt 1 } { be_conn gt 1 }";
    expect(await told({ pool: [own, ...pool(rule).pool] })).toEqual([]);
  });

  test("of an acl are missed where the acl is, once", async () => {
    const acls = [
      "acls: { many: src_conn_cnt(nobody) gt 5 }",
      "rules: { content: [accept if many]}",
    ];
    const { said } = await loadRuled({ listener: acls });
    expect(said).toEqual([expect.stringMatching(/^x:5:32: cannot use table "nobody"/)]);
  });

  test("of listeners with several addresses have a number", async () => {
    const asking = (name: string) => listener(`reject if { fe_conn(${name}) gt 5 }`);
    const listen = "[0.0.0.0:1, 0.0.0.0:2]";
    expect(await told({ listen, ...asking("a/2") })).toEqual([]);
    const missed = [expect.stringContaining('cannot use listener "a"')];
    expect(await told({ listen, ...asking("a") })).toEqual(missed);
  });
});
