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
  ["stick-table type ip size 5", "stick on src if TRUE"],
  ["stick-table type ip size 5", "stick on src", "stick match dst"],
  ["stick-table type ip size 5", "stick on src", "stick on dst"],
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

const APART = `listen a
  bind *:1883
  balance first
  stick on src table clients
  server one 10.0.0.1:1883
`;

test("a table may stand in a section of its own, for one backend", () => {
  const table = "backend clients\n  stick-table type ip size 7 expire 1h\n";
  const { plain, said } = documentOf(APART + table);
  expect(at(plain, "pools", "a", "stick")).toEqual({ by: "source", size: 7, expire: "1h" });
  expect(at(plain, "counters")).toBeUndefined();
  expect(said.filter((each) => !each.includes("timeout"))).toEqual([]);
  const again = APART.replace("listen a", "listen b").replace("1883\n", "1884\n");
  expect(documentOf(APART + again + table).said.filter((each) => each.includes("too"))).toEqual([
    expect.stringContaining("another backend sticks by it, too"),
    expect.stringContaining("another backend sticks by it, too"),
  ]);
});
