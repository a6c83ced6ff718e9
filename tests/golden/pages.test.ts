// What pages show as fairlead.yaml: no key that is not there, no value that is not taken. Pages
// show excerpts, so what an excerpt leaves out is no mistake.
import { describe, expect, test } from "vitest";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { loadSettings } from "../../src/config/load-settings.ts";
import { MemoryFiles } from "../fixtures/memory-files.ts";
import { listPages, readProjectFile } from "../tidy/source-file.ts";

const REST = {
  listeners: 'listeners: { mqtt: { listen: "0.0.0.0:1883", pool: brokers } }\n',
  pools: 'pools: { brokers: { servers: ["10.0.0.1:1883"] } }\n',
};

/** What is said of keys and files that an excerpt leaves out, and of secrets that nobody shows. */
const LEFT_OUT =
  /has no key|cannot be read|is not shown here|can never log in|asks for no certificate/;

const SURROUNDINGS = {
  environment: {},
  files: new MemoryFiles({}),
  lookUp: async () => ["127.0.0.1"],
};

function excerptsOf(page: string) {
  const blocks = readProjectFile(page).matchAll(/^```yaml\n(.*?)^```$/gms);
  return [...blocks].map(([, text], index) => ({ page, number: index + 1, text: text! }));
}

function complete(text: string): string {
  const missing = Object.entries(REST).filter(([key]) => !text.includes(`\n${key}:`));
  const left = missing.filter(([key]) => !text.startsWith(`${key}:`));
  return text + left.map(([, line]) => line).join("");
}

// A job of Prometheus is YAML of another program.
const excerpts = listPages()
  .flatMap(excerptsOf)
  .filter(({ text }) => !text.includes("scrape_configs:"));

describe("fairlead.yaml on a page", () => {
  test("is there", () => {
    expect(excerpts.length).toBeGreaterThan(5);
  });

  test.each(excerpts)("$page, excerpt $number", async ({ page, text }) => {
    const { diagnostics } = await loadSettings({ file: page, text: complete(text) }, SURROUNDINGS);
    const said = diagnostics.map(formatDiagnostic);
    expect(said.filter((line) => !LEFT_OUT.test(line))).toEqual([]);
  });
});
