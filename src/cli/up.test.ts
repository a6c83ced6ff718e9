import { describe, expect, it } from "vitest";
import { KeptPrinter } from "../../tests/fixtures/kept-printer.ts";
import { UP_DEFAULTS, upSettings } from "./up.ts";

describe("upSettings", () => {
  it("puts the nodes behind one listener, in turn, checked by TCP", async () => {
    const printer = new KeptPrinter();
    const settings = await upSettings({ ...UP_DEFAULTS, workers: 2 }, 11_883, printer);
    expect(printer.complaints).toEqual([]);
    expect(settings).toMatchObject({
      workers: 2,
      admin: { listen: { text: "127.0.0.1:8888" } },
      listeners: [{ listen: { text: "0.0.0.0:1883" }, protocol: "mqtt" }],
      pools: [{ balance: "round-robin", check: { type: "tcp" } }],
    });
    expect(settings?.servers.map(({ name, address }) => [name, address])).toEqual([
      ["node1", "127.0.0.1:11883"],
      ["node2", "127.0.0.1:11884"],
      ["node3", "127.0.0.1:11885"],
    ]);
  });

  it("takes IPv6 addresses, and complains about what is none", async () => {
    const printer = new KeptPrinter();
    const settings = await upSettings({ ...UP_DEFAULTS, host: "::1" }, 11_883, printer);
    expect(settings?.listeners[0]?.listen).toMatchObject({ host: "::1", port: 1883 });
    expect(await upSettings({ ...UP_DEFAULTS, admin: "nowhere" }, 11_883, printer)).toBeNull();
    expect(printer.complaints.join()).toContain("admin.listen");
  });
});
