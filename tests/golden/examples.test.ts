// Every file in examples/ is right as it stands, and names the JSON Schema for editors.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadSettings } from "../../src/config/load-settings.ts";
import { TestAuthority } from "../fixtures/authority.ts";
import { MemoryFiles } from "../fixtures/memory-files.ts";

const FOLDER = fileURLToPath(new URL("../../examples/", import.meta.url));
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));

/** The certificates that examples name by default, and a resolver that knows every host. */
const OUTSIDE = { files: makeFiles(), lookUp: async () => ["127.0.0.1"] };

function makeFiles(): MemoryFiles {
  const authority = new TestAuthority();
  const { certificate, key } = authority.issue();
  return new MemoryFiles({
    "/etc/fairlead/server.pem": certificate + key,
    "/etc/fairlead/server.crt": certificate,
    "/etc/fairlead/server.key": key,
    "/etc/fairlead/fairlead.pem": certificate + key,
    "/etc/fairlead/devices-ca.pem": authority.certificate,
    "/etc/fairlead/devices.crl": authority.listRevoked(),
    "/etc/fairlead/brokers-ca.pem": authority.certificate,
  });
}

describe("examples", () => {
  test.each(files)("%s", async (file) => {
    const text = readFileSync(`${FOLDER}${file}`, "utf8");
    expect(text.split("\n")[0]).toBe(
      "# yaml-language-server: $schema=../docs/fairlead.schema.json",
    );
    const { settings, diagnostics } = await loadSettings(
      { file, text },
      { environment: {}, ...OUTSIDE },
    );
    expect(diagnostics).toEqual([]);
    expect(settings?.servers.length).toBeGreaterThan(1);
  });

  test.each(files)("%s takes its addresses from the environment", async (file) => {
    const text = readFileSync(`${FOLDER}${file}`, "utf8");
    const environment = { LISTEN: "127.0.0.1:41883", NODE1: "127.0.0.1:42001" };
    const { settings } = await loadSettings({ file, text }, { environment, ...OUTSIDE });
    expect(settings?.listeners[0]?.listen.text).toBe("127.0.0.1:41883");
    expect(settings?.servers[0]?.address).toBe("127.0.0.1:42001");
  });
});
