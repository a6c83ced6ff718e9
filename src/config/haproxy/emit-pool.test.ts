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

const LISTEN = (lines: string) => `listen a
  bind *:1
  bind *:2
  timeout connect 5s
  timeout client 5s
  timeout server 5s
  balance first
${lines}
  server x 10.0.0.1:1 minconn 2 maxconn 9
`;

test.each([
  ["fullconn 80", "", 80],
  ["maxconn 35", "", 4],
  ["", "global\n  maxconn 101\n", 11],
  ["maxconn 35", "global\n  maxconn 101\n", 4],
  ["fullconn 0", "global\n  maxconn 101\n", 11],
  ["", "", undefined],
])("minconn with %j behind %j: full at %s, however many addresses", (lines, head, fullAt) => {
  const { plain } = documentOf(head + LISTEN(`  ${lines}`));
  expect(at(plain, "pools", "a", "fullAt")).toBe(fullAt);
});

test("a backend that only computed names lead to is always full", () => {
  const { plain } = documentOf(`${LISTEN("  maxconn 50\n  use_backend %[src]")}
backend b
  timeout connect 5s
  timeout server 5s
  balance first
  server y 10.0.0.2:1 minconn 2 maxconn 9
`);
  expect(at(plain, "pools", "b", "fullAt")).toBe(1);
});

test("fullconn without any minconn is kept, and said once to make no difference", () => {
  const { plain, said } = documentOf(`defaults
  timeout connect 5s
  timeout client 5s
  timeout server 5s
  balance first
  fullconn 50
listen a
  bind *:1
  server x 10.0.0.1:1
listen b
  bind *:2
  server y 10.0.0.2:1
`);
  expect([at(plain, "pools", "a", "fullAt"), at(plain, "pools", "b", "fullAt")]).toEqual([50, 50]);
  expect(said).toEqual(['6:3: notice: "fullconn" counts only where servers have a minconn']);
});
