import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { KeptPrinter } from "../../tests/fixtures/kept-printer.ts";
import { ensureDevelopmentCertificate } from "../certificates/development-authority.ts";
import { upSettings } from "./up.ts";
import { UP_DEFAULTS } from "./up-defaults.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-up-"));
afterAll(() => rmSync(folder, { recursive: true }));

const machine = { names: ["localhost"], addresses: ["127.0.0.1"] };
const { certificateFile } = ensureDevelopmentCertificate(folder, machine, Date.now());

describe("upSettings", () => {
  it("puts the nodes behind four listeners, in turn, checked by TCP", async () => {
    const printer = new KeptPrinter();
    const settings = await upSettings({ ...UP_DEFAULTS, workers: 2 }, certificateFile, printer);
    expect(printer.complaints).toEqual([]);
    expect(settings).toMatchObject({
      workers: 2,
      admin: { listen: { text: "127.0.0.1:8888" } },
      listeners: [
        { listen: { text: "0.0.0.0:1883" }, protocol: "mqtt", tls: null, websocket: null },
        { listen: { text: "0.0.0.0:8883" }, tls: { tickets: true }, websocket: null },
        { listen: { text: "0.0.0.0:8083" }, tls: null, websocket: { paths: ["/mqtt"] } },
        { listen: { text: "0.0.0.0:8084" }, tls: {}, websocket: {} },
      ],
      pools: [{ balance: "round-robin", checkType: "tcp" }],
    });
    expect(settings?.servers.map(({ name, address }) => [name, address])).toEqual([
      ["node1", "127.0.0.1:11883"],
      ["node2", "127.0.0.1:11884"],
      ["node3", "127.0.0.1:11885"],
    ]);
  });

  it("takes IPv6 addresses, and complains about what is none", async () => {
    const printer = new KeptPrinter();
    const settings = await upSettings({ ...UP_DEFAULTS, host: "::1" }, certificateFile, printer);
    expect(settings?.listeners[0]?.listen).toMatchObject({ host: "::1", port: 1883 });
    expect(
      await upSettings({ ...UP_DEFAULTS, admin: "nowhere" }, certificateFile, printer),
    ).toBeNull();
    expect(printer.complaints.join()).toContain("admin.listen");
  });
});
