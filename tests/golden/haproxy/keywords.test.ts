// Every keyword that HAProxy knows has a row: keywords.json is what 2.6 prints with
// `haproxy -dKall`, and what the manual and the sources of 3.5 list.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { BIND_OPTIONS } from "../../../src/config/haproxy/keywords/bind-options.ts";
import { GLOBAL_KEYWORDS } from "../../../src/config/haproxy/keywords/global-keywords.ts";
import { PROXY_KEYWORDS } from "../../../src/config/haproxy/keywords/proxy-keywords.ts";
import { SERVER_OPTIONS } from "../../../src/config/haproxy/keywords/server-options.ts";

const FILE = fileURLToPath(new URL("keywords.json", import.meta.url));
const known: Record<string, readonly string[]> = JSON.parse(readFileSync(FILE, "utf8"));

const TABLES: Readonly<Record<string, ReadonlyMap<string, unknown>>> = {
  global: GLOBAL_KEYWORDS,
  proxy: PROXY_KEYWORDS,
  bind: BIND_OPTIONS,
  server: SERVER_OPTIONS,
};

test.each(Object.keys(TABLES))("%s", (kind) => {
  const table = TABLES[kind]!;
  const hasRow = (keyword: string) => {
    const [first = "", second = ""] = keyword.split(" ");
    // `rate-limit` means nothing without its second word.
    const isBegun = second === "" && [...table.keys()].some((row) => row.startsWith(`${first} `));
    return table.has(`${first} ${second}`.trim()) || table.has(first) || isBegun;
  };
  expect(known[kind]!.length).toBeGreaterThan(50);
  expect(known[kind]!.filter((keyword) => !hasRow(keyword))).toEqual([]);
});
