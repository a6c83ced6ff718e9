// `fairlead check` on broken files: every mistake, at its line and column. See README.md here.
import { createPrivateKey } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { formatDiagnostic } from "../../../src/config/diagnostic.ts";
import type { Surroundings } from "../../../src/config/load-settings.ts";
import { loadSettings } from "../../../src/config/load-settings.ts";
import { TestAuthority } from "../../fixtures/authority.ts";
import { MemoryFiles } from "../../fixtures/memory-files.ts";
import { readMarks } from "../marks.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  "known.example": ["192.0.2.1", "2001:db8::1"],
  "many.example": ["192.0.2.2", "192.0.2.3"],
  "silent.example": [],
};

const authority = new TestAuthority("Test Root");
const good = authority.issue();
const expired = authority.issue({ notAfter: "2025-02-03" });
const other = authority.issue();
const secret = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "a" } as const;

const FILES = new MemoryFiles({
  "/tls/good.pem": good.certificate + good.key,
  "/tls/text.pem": "no PEM at all",
  "/tls/encrypted.pem": good.certificate + createPrivateKey(good.key).export(secret),
  "/tls/other.key": other.key,
  "/tls/turned.pem": authority.certificate + good.certificate + good.key,
  "/tls/expired.pem": expired.certificate + expired.key,
  "/tls/empty/README": "nothing else",
  "/tls/old-ca.pem": new TestAuthority("Old Root", { notAfter: "2024-05-06" }).certificate,
});

const SURROUNDINGS: Surroundings = {
  files: FILES,
  now: () => Date.parse("2026-06-01"),
  environment: { WORKERS: "4", REACTOR: "kqueue", TEN: "10" },
  lookUp: async (host) => {
    const addresses = ADDRESSES[host];
    if (addresses !== undefined) return addresses;
    throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: "ENOTFOUND" });
  },
};

const files = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));

describe("fairlead check on broken files", () => {
  test("there are at least twelve of them", () => {
    expect(files.length).toBeGreaterThanOrEqual(12);
  });

  test.each(files)("%s", async (file) => {
    const text = readFileSync(`${FOLDER}${file}`, "utf8");
    const { settings, diagnostics } = await loadSettings({ file, text }, SURROUNDINGS);
    const output = `${diagnostics.map(formatDiagnostic).join("\n")}\n`;
    await expect(output).toMatchFileSnapshot(`${FOLDER}${file.replace(".yaml", ".txt")}`);
    const places = diagnostics.map(({ line, column }) => `${line}:${column}`);
    expect(places).toEqual(readMarks(text));
    expect(settings === null).toBe(diagnostics.some(({ severity }) => severity === "error"));
  });
});
