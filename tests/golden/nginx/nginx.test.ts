// nginx.conf as `check` and `convert` take it: files that run and broken ones; README.md has more.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Surroundings } from "../../../src/config/load-settings.ts";
import type { NginxFiles } from "../../../src/config/nginx/emission.ts";
import { loadNginx } from "../../../src/config/nginx/load-nginx.ts";
import { TestAuthority } from "../../fixtures/authority.ts";
import { MemoryFiles } from "../../fixtures/memory-files.ts";
import { describeOtherSyntax } from "../other-syntax.ts";

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
  "keys/current.key": "b".repeat(80),
  "keys/previous.key": "a".repeat(80),
  "keys/short.key": "a".repeat(48),
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

describeOtherSyntax("nginx.conf", {
  folder: FOLDER,
  ending: ".conf",
  home: HOME,
  surroundings: SURROUNDINGS,
  read(file, text) {
    const loaded = loadNginx({ file, text }, { files: FILES, workingDirectory: HOME });
    return { loaded, format: "nginx", files: loaded.sources, comments: loaded.comments };
  },
});
