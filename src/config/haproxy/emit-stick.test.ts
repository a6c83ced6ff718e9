import { expect, test } from "vitest";
import { at, poolOf } from "../../../tests/fixtures/haproxy-document.ts";

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
  ["stick-table type ip size 5", "stick store-request src"],
  ["stick-table type ip size 5", "stick on dst_prot"],
  ["stick-table type ip size 5", "stick on src table other"],
  ["stick-table type ip size 5", "stick on src", "stick on dst"],
])("%s, %s is one mistake", (...lines) => {
  expect(stick(...lines.filter((line) => line !== undefined)).said).toHaveLength(1);
});
