import { describe, expect, it } from "vitest";
import { loadListener as load } from "../../tests/fixtures/loaded-listener.ts";

const MIB = 1024 * 1024;

describe("packetSize", () => {
  it("is 16 MiB unless the file or the listener says otherwise", async () => {
    expect((await load("")).listener?.packetSizeMaxBytes).toBe(16 * MIB);
    const top = "limits: { packetSize: 2MiB }";
    expect((await load("", top)).listener?.packetSizeMaxBytes).toBe(2 * MIB);
    const { listener } = await load("packetSize: 1KiB", top);
    expect(listener?.packetSizeMaxBytes).toBe(1024);
  });
});

describe("allow", () => {
  it("allows all by default, and nobody looks", async () => {
    expect((await load("")).listener?.allow).toBeNull();
    const all = "allow: { versions: [5, 3.1, 3.1.1], qos: 2, retain: true }";
    expect((await load(`${all}`)).listener?.allow).toBeNull();
  });

  it("warns where no CONNECT is read", async () => {
    const { said } = await load("protocol: tcp, packetSize: 1KiB, allow: { qos: 1 }");
    expect(said).toEqual([
      expect.stringContaining("listeners.mqtt.packetSize has no effect on a tcp listener"),
      expect.stringContaining("listeners.mqtt.allow has no effect on a tcp listener"),
    ]);
  });
});

describe("bans", () => {
  it("are nobody's by default", async () => {
    const { listener, settings } = await load("");
    expect([listener?.bans, settings?.counterTables]).toEqual([[], []]);
  });

  it("have a table each, which all addresses of a listener share", async () => {
    const { listener, settings } = await load(
      "bans: { perAddress: {}, perNetwork: { ipv4: 16, failures: 100/10m, size: 5 } }",
    );
    const whole = { ipv4Bits: 32, ipv6Bits: 128 };
    const first = { by: "address", table: "mqtt/bans/perAddress", failuresMax: 10 };
    const second = { by: "network", table: "mqtt/bans/perNetwork", failuresMax: 100 };
    expect(listener?.bans).toEqual([
      { ...first, banMs: 600_000, ...whole },
      { ...second, banMs: 600_000, ipv4Bits: 16, ipv6Bits: 64 },
    ]);
    expect(
      settings?.counterTables.map(({ entriesMax, expireMs }) => [entriesMax, expireMs]),
    ).toEqual([
      [100_000, 720_000],
      [5, 1_800_000],
    ]);
  });

  it("by client id need a CONNECT", async () => {
    const { said } = await load("protocol: tcp, bans: { perClientId: {}, perAddress: {} }");
    expect(said).toEqual([expect.stringContaining("bans.perClientId asks for the CONNECT")]);
  });
});
