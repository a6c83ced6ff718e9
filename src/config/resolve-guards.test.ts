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
