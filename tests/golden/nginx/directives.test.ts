// Every directive that nginx knows around streams has a row: directives.json is what the sources of
// nginx 1.31 list, and what the documentation of NGINX Plus has besides.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { MAIN_DIRECTIVES } from "../../../src/config/nginx/directives/main-directives.ts";
import { STREAM_DIRECTIVES } from "../../../src/config/nginx/directives/stream-directives.ts";
import { TLS_DIRECTIVES } from "../../../src/config/nginx/directives/tls-directives.ts";
import { UPSTREAM_DIRECTIVES } from "../../../src/config/nginx/directives/upstream-directives.ts";

const FILE = fileURLToPath(new URL("directives.json", import.meta.url));
const known: Record<string, readonly string[]> = JSON.parse(readFileSync(FILE, "utf8"));

const LETTERS = { main: "m", events: "e", stream: "s", server: "v", upstream: "u" } as const;
const TABLES = [MAIN_DIRECTIVES, STREAM_DIRECTIVES, TLS_DIRECTIVES, UPSTREAM_DIRECTIVES];

test.each(Object.entries(LETTERS))("in %s", (context, letter) => {
  const hasRow = (name: string) =>
    TABLES.some((table) => table.get(name)?.contexts.includes(letter) === true);
  expect(known[context]!.length).toBeGreaterThan(5);
  expect(known[context]!.filter((name) => !hasRow(name))).toEqual([]);
});

test("of NGINX Plus", () => {
  const hasRow = (name: string) => TABLES.some((table) => table.has(name));
  expect(known["plus"]!.filter((name) => !hasRow(name))).toEqual([]);
});
