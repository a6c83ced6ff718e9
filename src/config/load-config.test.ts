import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requestOf } from "../../tests/fixtures/config-request.ts";
import { loadConfig } from "./load-config.ts";

const HAPROXY = `defaults
  timeout connect 5s
  timeout client 5m
  timeout server 5m
listen mqtt
  bind 127.0.0.1:1883
  balance leastconn
  server a 10.0.0.1:1883 tfo
`;
const YAML = `listeners: { mqtt: { listen: "127.0.0.1:1883", pool: brokers } }
pools: { brokers: { servers: ["10.0.0.1:1883"] } }
`;

const SURROUNDINGS = { environment: {}, lookUp: async () => [] };

describe("loadConfig", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "fairlead-"));
    writeFileSync(join(folder, "haproxy.cfg"), HAPROXY);
    writeFileSync(join(folder, "fairlead.yaml"), YAML);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const load = (name: string, more = {}) =>
    loadConfig({ ...requestOf(join(folder, name)), ...more }, SURROUNDINGS);

  test("tells by the contents what a file is written in", async () => {
    for (const name of ["haproxy.cfg", "fairlead.yaml"]) {
      const { settings, problem } = await load(name);
      expect(problem).toBeNull();
      expect(settings?.servers).toHaveLength(1);
    }
  });

  test("takes a file for what the request says", async () => {
    expect((await load("haproxy.cfg", { format: "yaml" })).settings).toBeNull();
  });

  test("notices are errors when they are to be", async () => {
    const lax = await load("haproxy.cfg");
    expect(lax.diagnostics.map(({ severity }) => severity)).toEqual(["notice"]);
    const strict = await load("haproxy.cfg", { strict: true });
    expect(strict.settings).toBeNull();
    expect(strict.diagnostics.map(({ severity }) => severity)).toEqual(["error"]);
  });

  test("several files are read as one, but YAML is one file", async () => {
    const files = [join(folder, "haproxy.cfg"), join(folder, "haproxy.cfg")];
    const twice = await load("", { files });
    expect(twice.diagnostics.some(({ message }) => message.includes("already"))).toBe(true);
    const yaml = await load("", {
      files: files.map((file) => file.replace("haproxy.cfg", "fairlead.yaml")),
    });
    expect(yaml.problem).toContain("YAML is one file");
  });

  test("says what keeps a file from being read", async () => {
    expect((await load("none.cfg")).problem).toContain("no such file");
  });
});
