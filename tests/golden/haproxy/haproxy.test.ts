// haproxy.cfg as `check` and `convert` take it: files that run and broken ones; README.md has more.
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { writeDocument } from "../../../src/cli/convert.ts";
import { formatDiagnostic } from "../../../src/config/diagnostic.ts";
import { type HaproxyReading, loadHaproxy } from "../../../src/config/haproxy/load-haproxy.ts";
import {
  type LoadedSettings,
  loadSettings,
  type Surroundings,
  settle,
} from "../../../src/config/load-settings.ts";
import { TestAuthority } from "../../fixtures/authority.ts";
import { MemoryFiles } from "../../fixtures/memory-files.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

/** Where the files would be, and HAProxy be started: certificates are looked up from there. */
const HOME = "/etc/haproxy/";

const authority = new TestAuthority("Test Root");
const { certificate, key } = authority.issue();
const TEXTS: Readonly<Record<string, string>> = {
  "certs/server.pem": certificate + key,
  "certs/server.crt": certificate,
  "certs/server.crt.key": key,
  "certs/ca.pem": authority.certificate,
  "/etc/ssl/site/a.pem": certificate + key,
  "certs/list.txt": "# certificates\ncerts/server.pem\n",
  "denied.lst": "# ids that are kept out\nbanned-1\nbanned-2\n",
};

const ENVIRONMENT = { NODE2: "10.0.0.2", PORTS: "1883 1884", EMPTY: "" };

const SURROUNDINGS: Surroundings = {
  files: new MemoryFiles(
    Object.fromEntries(Object.entries(TEXTS).map(([path, text]) => [resolve(HOME, path), text])),
  ),
  now: () => Date.parse("2026-06-01"),
  environment: ENVIRONMENT,
  lookUp: async (host) => (host === "broker.example" ? ["192.0.2.1"] : []),
};

const READING: HaproxyReading = {
  environment: ENVIRONMENT,
  version: null,
  files: {
    isDirectory: (path) => path === "/etc/ssl/site",
    read: (path) => TEXTS[path] ?? null,
  },
  workingDirectory: HOME,
  hostName: "balancer",
  opensslVersion: "3.0.13",
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

async function read(folder: string, file: string) {
  const text = readFileSync(`${FOLDER}${folder}/${file}`, "utf8");
  const path = `${HOME}${file}`;
  const loaded = loadHaproxy([{ file: path, text }], READING);
  return { text, path, loaded, found: await settle(loaded, [path], SURROUNDINGS) };
}

function outputOf({ diagnostics }: LoadedSettings): string {
  return `${diagnostics.map(formatDiagnostic).join("\n").replaceAll(HOME, "")}\n`;
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(`${FOLDER}${folder}`).filter((name) => name.endsWith(".cfg"));
}

describe("haproxy.cfg that runs", () => {
  test.each(filesIn("runs"))("%s", async (file) => {
    const { path, loaded, found } = await read("runs", file);
    const name = `${FOLDER}runs/${file.replace(".cfg", "")}`;
    await expect(outputOf(found)).toMatchFileSnapshot(`${name}.txt`);
    expect(found.settings).not.toBeNull();
    if (loaded.root?.kind !== "map") throw new Error(`Cannot convert ${file}`);
    const document = {
      loaded,
      format: "haproxy",
      files: [file],
      comments: loaded.comments,
    } as const;
    const yaml = writeDocument(loaded.root, document);
    await expect(yaml).toMatchFileSnapshot(`${name}.yaml`);
    const converted = await loadSettings({ file: path, text: yaml }, SURROUNDINGS);
    expect(converted.settings).toEqual(found.settings);
    const warnings = converted.diagnostics.filter(({ severity }) => severity !== "warning");
    expect(warnings).toEqual([]);
  });
});

describe("haproxy.cfg that is broken", () => {
  const files = filesIn("broken");

  test("there are at least twenty files", () => {
    expect(files.length).toBeGreaterThanOrEqual(20);
  });

  test.each(files)("%s", async (file) => {
    const { text, found } = await read("broken", file);
    await expect(outputOf(found)).toMatchFileSnapshot(
      `${FOLDER}broken/${file.replace(".cfg", ".txt")}`,
    );
    const places = found.diagnostics.map(({ line, column }) => `${line}:${column}`);
    expect(places).toEqual(readMarks(text));
    expect(found.settings).toBeNull();
  });
});
