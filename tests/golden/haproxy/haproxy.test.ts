// haproxy.cfg as `check` and `convert` take it: files that run and broken ones; README.md has more.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type HaproxyReading, loadHaproxy } from "../../../src/config/haproxy/load-haproxy.ts";
import type { Surroundings } from "../../../src/config/load-settings.ts";
import { TestAuthority } from "../../fixtures/authority.ts";
import { MemoryFiles } from "../../fixtures/memory-files.ts";
import { describeOtherSyntax } from "../other-syntax.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

/** Where the files would be, and HAProxy be started: certificates are looked up from there. */
const HOME = "/etc/haproxy/";

const authority = new TestAuthority("Test Root");
const { certificate, key } = authority.issue();
/** A line of a file of ticket keys. */
const ticketKey = (letter: string) => `${Buffer.from(letter.repeat(80)).toString("base64")}\n`;

const TEXTS: Readonly<Record<string, string>> = {
  "certs/server.pem": certificate + key,
  "certs/server.crt": certificate,
  "certs/server.crt.key": key,
  "certs/ca.pem": authority.certificate,
  "/etc/ssl/site/a.pem": certificate + key,
  "certs/list.txt": "# certificates\ncerts/server.pem\n",
  "keys/tickets.keys": ["a", "b", "c"].map(ticketKey).join(""),
  "keys/two-lines.keys": ["a", "b"].map(ticketKey).join(""),
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

describeOtherSyntax("haproxy.cfg", {
  folder: FOLDER,
  ending: ".cfg",
  home: HOME,
  surroundings: SURROUNDINGS,
  read(file, text) {
    const loaded = loadHaproxy([{ file, text }], READING);
    return { loaded, format: "haproxy", files: [file], comments: loaded.comments };
  },
});
