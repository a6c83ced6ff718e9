import { describe, expect, it } from "vitest";
import { TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { formatDiagnostic } from "./diagnostic.ts";
import { loadSettings } from "./load-settings.ts";

async function found(log: string): Promise<string[]> {
  const lookUp = () => Promise.reject(new Error("Cannot look up names in tests"));
  const text = `${TWO_POOLS}log: ${log}\n`;
  const { diagnostics } = await loadSettings({ file: "x", text }, { environment: {}, lookUp });
  return diagnostics.map(formatDiagnostic);
}

describe("rules about the log", () => {
  it("say where a template names what nobody knows", async () => {
    const [haproxy, ...others] = await found(
      '{ outlets: [{ to: stdout, format: haproxy, template: "%ci %zzzz" }] }',
    );
    expect(others).toEqual([]);
    expect(haproxy).toMatch(/^x:\d+:64: a log format names %zzzz, .* expected one of those that /);
    const [nginx] = await found(
      '{ outlets: [{ to: stdout, format: nginx, template: "$upsteam_addr" }] }',
    );
    expect(nginx).toContain("names $upsteam_addr, which is not known once a connection has ended");
    expect(nginx).toContain('expected "$upstream_addr"');
  });

  it("want a template where one is used, and nowhere else", async () => {
    expect(await found("{ outlets: [{ to: stdout, format: nginx }] }")).toEqual([
      expect.stringContaining("log.outlets[0] has the format nginx and no template"),
    ]);
    expect(await found('{ outlets: [{ to: stdout, template: "%s" }] }')).toEqual([
      expect.stringContaining("log.outlets[0] has a template and no format that takes one"),
    ]);
  });

  it("keep lines for people from leaving the machine", async () => {
    expect(await found('{ outlets: [{ to: "udp://127.0.0.1:514", format: pretty }] }')).toEqual([
      expect.stringContaining("is pretty, which is for standard output alone"),
    ]);
  });

  it("miss an outlet for what happens to Fairlead itself", async () => {
    const only = '{ to: "file:///var/log/a.log", events: false }';
    expect(await found(`{ outlets: [${only}] }`)).toEqual([
      expect.stringContaining("warning: no outlet of log says what happens to Fairlead itself"),
    ]);
    expect(await found(`{ outlets: [${only}, { to: stdout }] }`)).toEqual([]);
  });

  it("know the listeners", async () => {
    const [first, second] = await found(
      "{ access: { listeners: [mqt] }, outlets: [{ to: stdout, access: { listeners: [x] } }] }",
    );
    expect(first).toContain('the log names "mqt", which is no listener, expected "mqtt"');
    expect(second).toContain("expected one of mqtt, plain");
    expect(await found("{ access: { listeners: [mqtt] } }")).toEqual([]);
  });
});
