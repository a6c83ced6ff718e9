// `fairlead check` on broken files: every mistake, at its line and column. See README.md here.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { formatDiagnostic } from "../../../src/config/diagnostic.ts";
import type { Surroundings } from "../../../src/config/load-settings.ts";
import { loadSettings } from "../../../src/config/load-settings.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  "known.example": ["192.0.2.1", "2001:db8::1"],
  "many.example": ["192.0.2.2", "192.0.2.3"],
  "silent.example": [],
};

const SURROUNDINGS: Surroundings = {
  environment: { WORKERS: "4", REACTOR: "kqueue", TEN: "10" },
  lookUp: async (host) => {
    const addresses = ADDRESSES[host];
    if (addresses !== undefined) return addresses;
    throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: "ENOTFOUND" });
  },
};

/** `line:column` of every mark `#! column, column` in the file. */
function readMarks(text: string): readonly string[] {
  let marked = 0;
  return text.split("\n").flatMap((line, index) => {
    const columns = /^\s*#! ([\d, ]+)$/.exec(line)?.[1];
    if (columns === undefined) {
      marked = index + 1;
      return [];
    }
    return columns.split(",").map((column) => `${marked}:${Number(column)}`);
  });
}

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
    const marks = readMarks(text);
    const places = diagnostics.map(({ line, column }) => `${line}:${column}`);
    if (marks.length > 0) expect(places).toEqual(marks);
    expect(settings === null).toBe(diagnostics.some(({ severity }) => severity === "error"));
  });
});
