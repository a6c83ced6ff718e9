import { expect, test } from "vitest";
import { at, documentOf, poolOf } from "../../../tests/fixtures/haproxy-document.ts";

const stick = (...lines: readonly string[]) => {
  const { plain, said } = poolOf(
    ["  balance first", ...lines.map((line) => `  ${line}`)].join("\n"),
  );
  return {
    stick: at(plain, "stick"),
    said: said.filter((each) => !each.includes("inspect-delay")),
  };
};

test("clients are stuck by what a pool has a word for", () => {
  const table = "stick-table type string len 64 size 10k expire 30m";
  const by = (expression: string) => at(stick(table, `stick on ${expression}`).stick, "by");
  expect(by("src")).toBe("source");
  expect(by("req.payload(0,0), mqtt_field_value(connect, client_identifier)")).toBe("client-id");
  expect(by("ssl_c_s_dn(CN)")).toBe("certificate-name");
  expect(by("ssl_c_s_dn")).toBe("certificate-subject");
});

test("entries that never expire are kept as long as there is", () => {
  expect(stick("stick-table type ip size 5", "stick on src").stick).toEqual({
    by: "source",
    size: 5,
    expire: "30d",
  });
});

test("a table without a rule is no stickiness", () => {
  expect(stick("stick-table type ip size 5 store conn_cur")).toEqual({
    stick: undefined,
    said: [],
  });
});

test.each([
  ["stick on src"],
  ["stick-table type ip", "stick on src"],
  ["stick-table size 5 expire 1m", "stick on src"],
  ["stick-table type ip size 5 what 1", "stick on src"],
  ["stick-table type ip size 5", "stick store-response src"],
  ["stick-table type ip size 5", "stick on dst_prot"],
  ["stick-table type ip size 5", "stick on src table other"],
  ["stick-table type ip size 5", "stick on src when TRUE"],
])("%s, %s is one mistake", (...lines) => {
  expect(stick(...lines.filter((line) => line !== undefined)).said).toHaveLength(1);
});

test("match and store-request of the same thing are stick on", () => {
  const lines = ["stick-table type ip size 5", "stick match src", "stick store-request src"];
  const { stick: made, said } = stick(...lines);
  expect([at(made, "by"), said]).toEqual(["source", []]);
});

test.each(["match", "store-request"])("stick %s alone is a notice: it has no effect", (verb) => {
  const { stick: made, said } = stick("stick-table type ip size 5", `stick ${verb} src`);
  expect(made).toBeUndefined();
  expect(said).toEqual([expect.stringContaining(`notice: "stick ${verb}" alone has no effect`)]);
});

const NAMED = { by: "source", table: "clients" };
const TIMES = "defaults\n  timeout connect 5s\n  timeout client 5m\n  timeout server 5m\n";

function sharing(table: string, ...sticks: readonly string[]) {
  const listens = sticks.map(
    (stick, i) => `listen l${i}
  bind *:188${i}
  balance first
  ${stick}
  server one 10.0.0.1:1883
`,
  );
  const { plain, said } = documentOf(TIMES + listens.join("") + table);
  return {
    plain,
    pools: sticks.map((_, i) => at(plain, "pools", `l${i}`)),
    said: said.filter((each) => !each.includes("inspect-delay")),
  };
}

test("a table may stand in a section of its own, for several backends", () => {
  const on = "stick on src table clients";
  const table = "backend clients\n  stick-table type ip size 7 expire 1h\n";
  const { plain, pools, said } = sharing(table, on, on);
  expect(pools.map((pool) => at(pool, "stick"))).toEqual([NAMED, NAMED]);
  expect(at(plain, "stickTables")).toEqual({ clients: { size: 7, expire: "1h" } });
  expect(at(plain, "counters")).toBeUndefined();
  expect(said).toEqual([]);
});

test("a backend's own table may be another's, too", () => {
  const own = "stick-table type ip size 7 expire 1h\n  stick on src";
  const { plain, pools } = sharing("", own, "stick on src table l0");
  expect(at(plain, "stickTables")).toEqual({ l0: { size: 7, expire: "1h" } });
  expect(pools.map((pool) => at(pool, "stick", "table"))).toEqual(["l0", "l0"]);
});

test("a table of peers is one for clients, or counts, or both", () => {
  const peers = `peers others
  table plain type ip size 7 expire 1h
  table both type ip size 8 expire 1h store conn_cur
  table counts type ip size 9 expire 1h store conn_cur
`;
  const plainOn = "stick on src table others/plain";
  const { plain, pools } = sharing(peers, plainOn, "stick on src table others/both");
  expect(pools.map((pool) => at(pool, "stick", "table"))).toEqual(["others.plain", "others.both"]);
  expect(Object.keys(at(plain, "stickTables") as object)).toEqual(["others.plain", "others.both"]);
  expect(Object.keys(at(plain, "counters") as object)).toEqual(["others.both", "others.counts"]);
});

test("several lines are rules in their order, with their conditions", () => {
  const table = "stick-table type string len 64 size 10k expire 30m";
  const { stick: one, said } = stick(table, "stick on src unless { src 10.0.0.0/8 }");
  expect([one, said]).toEqual([undefined, []]);
  const lines = [
    table,
    "acl inside src 10.0.0.0/8",
    "stick on req.payload(0,0),mqtt_field_value(connect,username) if inside",
    "stick match dst",
    "stick store-request src unless { dst_port 1 }",
  ];
  const { plain } = poolOf(["  balance first", ...lines.map((line) => `  ${line}`)].join("\n"));
  expect(at(plain, "stickRules")).toEqual([
    { by: "user-name", if: "inside", table: "nodes" },
    { by: "dst", use: "match", table: "nodes" },
    { by: "source", if: "unless { dst_port 1 }", use: "store", table: "nodes" },
  ]);
  expect(at(plain, "acls")).toEqual({ inside: "src 10.0.0.0/8" });
});

test("match in one backend goes by what another has stored", () => {
  const own = "stick-table type ip size 7 expire 1h\n  stick store-request src";
  const { pools, said } = sharing("", own, "stick match src table l0");
  expect(pools.map((pool) => at(pool, "stickRules"))).toEqual([
    [{ by: "source", use: "store", table: "l0" }],
    [{ by: "source", use: "match", table: "l0" }],
  ]);
  expect(said).toEqual([]);
});

test("a listener whose pool sticks by a condition on CONNECT reads it", () => {
  const table = "stick-table type ip size 5 expire 1h\n  acl fives mqtt.level 5\n  ";
  const protocols = ["fives", "{ mqtt.level 5 }", "{ src 10.0.0.1 }"].map((condition) => {
    const { plain } = sharing("", `${table}stick on src if ${condition}`);
    return at(plain, "listeners", "l0", "protocol");
  });
  // Of an acl that a condition may name nothing is known here but that it is there.
  expect(protocols).toEqual(["mqtt", "mqtt", "mqtt"]);
  const plain = sharing(
    "",
    "stick-table type ip size 5 expire 1h\n  stick on src if { src 10.0.0.1 }",
  );
  expect(at(plain.plain, "listeners", "l0", "protocol")).toBe("tcp");
});

test("store-response of the id that a server assigns is a client id, of all else an error", () => {
  const table = "stick-table type string len 64 size 10k expire 30m";
  const id = "req.payload(0,0),mqtt_field_value(connect,client_identifier)";
  const assigned = "stick store-response res.payload(0,0),mqtt_field_value(connack,18)";
  const both = stick(table, `stick on ${id}`, assigned);
  expect(at(both.stick, "by")).toBe("client-id");
  expect(both.said).toEqual([expect.stringContaining("remembers ids that servers assign, too")]);
  const { plain, said } = poolOf(`  balance first\n  ${table}\n  stick match ${id}\n  ${assigned}`);
  expect(said).toContainEqual(expect.stringContaining("remembers ids that clients choose, too"));
  expect(at(plain, "stickRules")).toEqual([
    { by: "client-id", use: "match", table: "nodes" },
    { by: "client-id", use: "store", table: "nodes" },
  ]);
  const other = stick(table, `stick on ${id}`, "stick store-response res.len");
  expect(other.said).toEqual([expect.stringContaining("goes by what servers answer")]);
});
