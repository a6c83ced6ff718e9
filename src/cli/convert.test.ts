import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { requestOf } from "../../tests/fixtures/config-request.ts";
import { KeptPrinter } from "../../tests/fixtures/kept-printer.ts";
import { convertCommand } from "./convert.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-"));
afterAll(() => rmSync(folder, { recursive: true }));

const TEXT = `# brokers of the second floor
listen mqtt
  timeout connect 5s
  timeout client 5m
  timeout server 5m
  bind 127.0.0.1:1883
  balance leastconn
  server a 10.0.0.1:1883 # the old one
`;

async function convert(text: string) {
  const file = join(folder, "haproxy.cfg");
  writeFileSync(file, text);
  const printer = new KeptPrinter();
  const surroundings = { environment: {}, lookUp: async () => [] };
  const code = await convertCommand(requestOf(file), surroundings, printer);
  return { code, ...printer };
}

test("prints YAML with the comments where they stood", async () => {
  const { code, printed: lines, complaints } = await convert(TEXT);
  expect(code).toBe(0);
  expect(complaints).toEqual([]);
  const yaml = lines.join("\n");
  const schema = /^# yaml-language-server: \$schema=(\/.+)$/m.exec(yaml)?.[1];
  expect(JSON.parse(readFileSync(schema!, "utf8"))).toHaveProperty("properties.listeners");
  expect(yaml).toContain("# Converted from haproxy.cfg.");
  expect(yaml).toContain("  # brokers of the second floor\n  mqtt:");
  expect(yaml).toContain("      # the old one\n      - { name: a, address: 10.0.0.1:1883 }");
});

test("prints nothing but what is wrong where something is", async () => {
  const { code, printed: lines, complaints } = await convert(TEXT.replace("leastconn", "leastcon"));
  expect([code, lines]).toEqual([1, []]);
  expect(complaints).toHaveLength(1);
});

test("says what keeps a file from being read", async () => {
  const printer = new KeptPrinter();
  const surroundings = { environment: {}, lookUp: async () => [] };
  expect(await convertCommand(requestOf("no/such.cfg"), surroundings, printer)).toBe(1);
  expect(printer.complaints).toHaveLength(1);
});
