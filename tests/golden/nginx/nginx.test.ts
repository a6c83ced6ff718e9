// nginx.conf as `check` and `convert` take it: files that run and broken ones; README.md has more.
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { writeDocument } from "../../../src/cli/convert.ts";
import { formatDiagnostic } from "../../../src/config/diagnostic.ts";
import {
  type LoadedSettings,
  loadSettings,
  type Surroundings,
  settle,
} from "../../../src/config/load-settings.ts";
import type { NginxFiles } from "../../../src/config/nginx/emission.ts";
import { loadNginx } from "../../../src/config/nginx/load-nginx.ts";
import { TestAuthority } from "../../fixtures/authority.ts";
import { MemoryFiles } from "../../fixtures/memory-files.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

/** Where the files would be: everything that they name is looked up from there. */
const HOME = "/etc/nginx/";

const authority = new TestAuthority("Test Root");
const { certificate, key } = authority.issue();
const TEXTS: Readonly<Record<string, string>> = {
  "certs/server.pem": certificate + key,
  "certs/server.crt": certificate,
  "certs/server.key": key,
  "certs/ca.pem": authority.certificate,
  "modules-enabled/50-stream.conf": "load_module modules/ngx_stream_module.so;\n",
  "modules-enabled/70-geoip.conf": "load_module modules/ngx_stream_geoip_module.so;\n",
  "streams/a.conf": "server {\n    listen 1884;\n    proxy_pass nodes;\n}\n",
  "streams/b.conf": "server {\n    listen 1885;\n    proxy_pass node;\n}\n",
  "again.conf": "include again.conf;\n",
};

const FILES: NginxFiles = {
  read: (path) => TEXTS[resolve(HOME, path).replace(HOME, "")] ?? null,
  list(path) {
    const inside = `${resolve(HOME, path)}/`.replace(HOME, "");
    const names = Object.keys(TEXTS).filter((name) => name.startsWith(inside));
    return [...new Set(names.map((name) => name.slice(inside.length).split("/")[0]!))];
  },
};

const SURROUNDINGS: Surroundings = {
  files: new MemoryFiles(
    Object.fromEntries(Object.entries(TEXTS).map(([path, text]) => [resolve(HOME, path), text])),
  ),
  now: () => Date.parse("2026-06-01"),
  environment: {},
  lookUp: async (host) => (host === "broker.example" ? ["192.0.2.1"] : []),
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
  const loaded = loadNginx({ file: path, text }, { files: FILES, workingDirectory: HOME });
  return { text, path, loaded, found: await settle(loaded, loaded.sources, SURROUNDINGS) };
}

function outputOf({ diagnostics }: LoadedSettings): string {
  return `${diagnostics.map(formatDiagnostic).join("\n").replaceAll(HOME, "")}\n`;
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(`${FOLDER}${folder}`).filter((name) => name.endsWith(".conf"));
}

describe("nginx.conf that runs", () => {
  test.each(filesIn("runs"))("%s", async (file) => {
    const { path, loaded, found } = await read("runs", file);
    const name = `${FOLDER}runs/${file.replace(".conf", "")}`;
    await expect(outputOf(found)).toMatchFileSnapshot(`${name}.txt`);
    expect(found.settings).not.toBeNull();
    if (loaded.root?.kind !== "map") throw new Error(`Cannot convert ${file}`);
    const { comments } = loaded;
    const document = { loaded, format: "nginx", files: [file], comments } as const;
    const yaml = writeDocument(loaded.root, document);
    await expect(yaml).toMatchFileSnapshot(`${name}.yaml`);
    const converted = await loadSettings({ file: path, text: yaml }, SURROUNDINGS);
    expect(converted.settings).toEqual(found.settings);
    const errors = converted.diagnostics.filter(({ severity }) => severity === "error");
    expect(errors).toEqual([]);
  });
});

describe("nginx.conf that is broken", () => {
  const files = filesIn("broken");

  test("there are at least twenty files", () => {
    expect(files.length).toBeGreaterThanOrEqual(20);
  });

  test.each(files)("%s", async (file) => {
    const { text, path, found } = await read("broken", file);
    await expect(outputOf(found)).toMatchFileSnapshot(
      `${FOLDER}broken/${file.replace(".conf", ".txt")}`,
    );
    const own = found.diagnostics.filter((diagnostic) => diagnostic.file === path);
    expect(own.map(({ line, column }) => `${line}:${column}`)).toEqual(readMarks(text));
    expect(found.settings).toBeNull();
  });
});
