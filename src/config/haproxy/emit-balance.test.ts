import { expect, test } from "vitest";
import { at, documentOf, poolOf } from "../../../tests/fixtures/haproxy-document.ts";

test.each([
  ["roundrobin", "round-robin"],
  ["static-rr", "static-round-robin"],
  ["leastconn", "least-connections"],
  ["first", "first"],
  ["random", "random"],
  ["source", "hash"],
])("balance %s is %s", (theirs, ours) => {
  const { plain, said } = poolOf(`  balance ${theirs}`);
  expect(at(plain, "balance")).toBe(ours);
  expect(said).toEqual([]);
});

test.each([
  ["", { key: "source", type: "map-based" }],
  ["hash-type consistent", { key: "source", type: "consistent-16" }],
  [
    "hash-type map-based djb2",
    { key: "source", type: "map-based", function: "djb2", avalanche: false },
  ],
  [
    "hash-type consistent crc32 avalanche",
    { key: "source", type: "consistent-16", function: "crc32", avalanche: true },
  ],
])("balance source with %j", (line, hash) => {
  expect(at(poolOf(`  balance source\n  ${line}`).plain, "hash")).toEqual(hash);
});

test("a hash is of what our document has a word for, or of an expression", () => {
  const keyOf = (expression: string) =>
    at(poolOf(`  balance hash ${expression}`).plain, "hash", "key");
  expect(keyOf("req.payload(0,0),mqtt_field_value(connect,client_identifier)")).toBe("client-id");
  expect(keyOf("src")).toBe("source");
  expect(keyOf("src,ipmask(24)")).toBe("src,ipmask(24)");
});

test("without balance the version decides, and a pool of several servers is told", () => {
  const text = (comment: string) => `${comment}
listen a
  bind *:1
  timeout connect 1s
  timeout client 1s
  timeout server 1s
  server x 10.0.0.1:1
  server y 10.0.0.2:1
`;
  const old = documentOf(text("# nothing said"));
  expect(at(old.plain, "pools", "a", "balance")).toBe("round-robin");
  expect(old.said[0]).toContain("--haproxy-version");
  const young = documentOf(text("# haproxy-version: 3.4"));
  expect(at(young.plain, "pools", "a", "balance")).toBe("random");
  expect(young.said[0]).toContain("HAProxy's own in 3.4");
});

test("backups take turns only with option allbackups", () => {
  const backups = (line: string) =>
    at(poolOf(`  balance first\n${line}`, "backup").plain, "backups");
  expect(backups("")).toEqual({ use: "first", when: "none-usable" });
  expect(backups("  option allbackups")).toEqual({ use: "all", when: "none-usable" });
});
