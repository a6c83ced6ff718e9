import { expect, test } from "vitest";
import { at, documentOf, poolOf } from "../../../tests/fixtures/haproxy-document.ts";

const pool = (lines: string) => poolOf(`  balance first\n${lines}`);

test.each([
  ["", 3, 0],
  ["  retries 5", 5, 0],
  ["  option redispatch", 2, 1],
  ["  option redispatch -2", 1, 1],
  ["  option redispatch 1", 0, 3],
  ["  retries 4\n  option redispatch 2", 1, 2],
  ["  retries 0\n  option redispatch", 0, 0],
])("retries with %j: %i on one server, %i others", (lines, retries, redispatches) => {
  expect(at(pool(lines).plain, "dial")).toEqual({ timeout: "5s", retries, redispatches });
});

test.each([
  ["", "5m", "5m"],
  ["  timeout server 1m", "1m", "1m"],
  ["  timeout server 9m", "5m", "5m"],
  ["  timeout tunnel 1h", "1h", "1h"],
  ["  timeout server-fin 4s", "5m", "4s"],
])("silence with %j ends after %s, half-closed after %s", (lines, idle, finish) => {
  expect(at(pool(lines).plain, "timeouts")).toEqual({ idle, finish });
});

test("without timeouts nothing ends, which is warned of", () => {
  const { plain, said } = documentOf(
    "listen a\n  bind *:1\n  balance first\n  server x 10.0.0.1:1\n",
  );
  expect(at(plain, "pools", "a", "timeouts")).toEqual({ idle: "never", finish: "never" });
  expect(at(plain, "pools", "a", "dial", "timeout")).toBe("5m");
  expect(said).toHaveLength(3);
});

test("a source of the backend counts for its servers, and theirs before it", () => {
  const { plain } = pool("  source 10.0.0.5\n  server x 10.0.0.9:1883 source 10.0.0.6");
  expect(at(plain, "source")).toBe("10.0.0.5");
  expect(at(plain, "servers", 0, "source")).toBe("10.0.0.6");
});

const HASH = "  balance source\n  hash-type consistent";

test.each([
  [HASH, "maxconn 5 maxqueue 7", 7, []],
  [HASH, "maxconn 5 maxqueue 0", undefined, []],
  [HASH, "maxconn 5 maxqueue x", undefined, ['maxqueue is "x"']],
  ["  balance leastconn", "maxconn 5 maxqueue 7", undefined, ['"maxqueue" makes no difference']],
])("%j and %s: who waits for one server", (balance, options, perServer, expected) => {
  const { plain, said } = poolOf(balance, options);
  expect(at(plain, "queue", "perServer")).toBe(perServer);
  expect(said).toEqual(expected.map((text) => expect.stringContaining(text)));
});

test("servers that differ in maxqueue are a mistake", () => {
  const { said } = poolOf(`${HASH}\n  server z 10.0.0.9:1883 maxconn 5 maxqueue 3`, "maxconn 5");
  expect(said).toEqual([expect.stringContaining("differ in maxqueue")]);
});
