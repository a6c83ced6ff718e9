import { describe, expect, it } from "vitest";
import { loadListener as load } from "../../tests/fixtures/loaded-listener.ts";

describe("packetSize", () => {
  it("stays within what MQTT allows", async () => {
    expect((await load("packetSize: 1GiB")).said).toEqual([
      expect.stringContaining("expected a size from 128B to 256MiB"),
    ]);
  });
});

describe("allow", () => {
  it("knows versions by what YAML makes of them", async () => {
    const { listener, said } = await load('allow: { versions: [3.1.1, 5.0, "5.0"], qos: 1 }');
    expect(said).toEqual([]);
    expect(listener?.allow).toEqual({ levels: [4, 5], qosMax: 1, retain: true });
  });

  it.each([
    ["versions: [4]", "some of 3.1, 3.1.1, 5.0"],
    ["versions: []", "some of 3.1, 3.1.1, 5.0"],
    ["qos: 3", "expected 0, 1 or 2"],
    ["retained: false", "retain"],
  ])("names what is wrong: %s", async (written, expected) => {
    const { said } = await load(`allow: { ${written} }`);
    expect(said).toEqual([expect.stringContaining(expected)]);
  });
});
