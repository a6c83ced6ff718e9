// Every file in examples/ is right as it stands, and names the JSON Schema for editors.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadSettings } from "../../src/config/load-settings.ts";

const FOLDER = fileURLToPath(new URL("../../examples/", import.meta.url));
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));

describe("examples", () => {
  test.each(files)("%s", async (file) => {
    const text = readFileSync(`${FOLDER}${file}`, "utf8");
    expect(text.split("\n")[0]).toBe(
      "# yaml-language-server: $schema=../docs/fairlead.schema.json",
    );
    const lookUp = async () => ["127.0.0.1"];
    const { settings, diagnostics } = await loadSettings(
      { file, text },
      { environment: {}, lookUp },
    );
    expect(diagnostics).toEqual([]);
    expect(settings?.servers.length).toBeGreaterThan(1);
  });

  test.each(files)("%s takes its addresses from the environment", async (file) => {
    const text = readFileSync(`${FOLDER}${file}`, "utf8");
    const environment = { LISTEN: "127.0.0.1:41883", NODE1: "127.0.0.1:42001" };
    const lookUp = async () => ["127.0.0.1"];
    const { settings } = await loadSettings({ file, text }, { environment, lookUp });
    expect(settings?.listeners[0]?.listen.text).toBe("127.0.0.1:41883");
    expect(settings?.servers[0]?.address).toBe("127.0.0.1:42001");
  });
});
