import { expect, test } from "vitest";
import { loadRuled } from "../../tests/fixtures/ruled-settings.ts";

async function told(rule: string, store = "conn_cur, gpc0"): Promise<readonly string[]> {
  const top = [`counters: { clients: { key: address, store: [${store}] } }`];
  const track = "rules: { connection: [track-sc1 src table clients], content: ";
  const listener = ["counters: clients", `${track}['${rule}'] }`];
  return (await loadRuled({ top, listener })).said;
}

test.each([
  "reject if { sc1_conn_cur gt 5 }",
  "reject if { sc_conn_cur(1) gt 5 } { sc1_get_gpc0 gt 1 } { sc1_inc_gpc0 gt 1 }",
  "reject if { src_conn_cur gt 5 } { src,table_gpc0(clients) gt 1 }",
  "reject if { sc1_tracked }",
  // Who tracks in it, nobody has said.
  "reject if { sc0_conn_rate gt 5 }",
])("%s finds what is stored", async (rule) => {
  expect(await told(rule)).toEqual([]);
});

test.each([
  ["reject if { sc1_conn_rate gt 5 }", "sc1_conn_rate", "conn_rate(10s)"],
  ["reject if { sc_conn_cnt(1) gt 5 }", "sc_conn_cnt", "conn_cnt"],
  ["reject if { src_kbytes_in gt 5 }", "src_kbytes_in", "bytes_in_cnt"],
  ["reject if { src,table_conn_rate(clients) gt 5 }", "table_conn_rate", "conn_rate(10s)"],
  ["set-client-id %[src_get_gpt0]", "src_get_gpt0", "gpt0"],
])("%s finds nothing", async (rule, name, expected) => {
  const message = `warning: ${name} finds nothing: table "clients" stores no `;
  const [line, ...more] = await told(rule);
  expect(line).toContain(message);
  expect(line).toContain(`expected ${expected} in counters.clients.store`);
  expect(more).toEqual([]);
});

test("any of several tables that a slot may be tracked in will do", async () => {
  const top = ["counters: { a: { key: address }, b: { key: address, store: [gpc0] } }"];
  const rules = "track-sc0 src table a if { src 10.0.0.1 }, track-sc0 src table b";
  const content = `rules: { content: ['${rules.replace(", ", "', '")}', accept if many] }`;
  const listener = ["acls: { many: sc0_get_gpc0 gt 1 }", content];
  expect((await loadRuled({ top, listener })).said).toEqual([]);
});
