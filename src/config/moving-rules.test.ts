import { describe, expect, it } from "vitest";
import { formatDiagnostic } from "./diagnostic.ts";
import { loadSettings } from "./load-settings.ts";

async function load(listener: string, pool: string, more = "") {
  const text = `
${more}
listeners:
  mqtt: { listen: "0.0.0.0:1883", pool: brokers${listener} }
pools:
  brokers: { ${pool} servers: ["10.0.0.1:1883", "10.0.0.2:1883"] }
`;
  const lookUp = () => Promise.reject(new Error("Cannot look up names in tests"));
  const { settings, diagnostics } = await loadSettings(
    { file: "t.yaml", text },
    { environment: {}, lookUp },
  );
  return { settings, said: diagnostics.map(formatDiagnostic) };
}

describe("clients that move", () => {
  it("are moved at 50 a second, and let in all at once, unless somebody says so", async () => {
    const { settings } = await load("", "");
    expect(settings?.pools[0]).toMatchObject({
      admission: null,
      takeover: null,
      drain: {
        ratePerSecond: 50,
        jitterPercent: 50,
        deadlineMs: 600_000,
        isForGood: false,
        discardsWills: false,
      },
      rebalance: { mode: "manual", bandPercent: 10, ratePerSecond: 50 },
    });
    expect(settings?.listeners[0]).toMatchObject({ handshakes: null, accepts: null });
    expect(settings?.limits).toMatchObject({ accepts: null, tlsAccepts: null });
  });

  it("have rates over any time, and bursts that follow from them", async () => {
    const admission = "admission: { rate: 200/s, perServer: 30/m, serverBurst: 3, maxDelay: 2s },";
    const { settings, said } = await load("", admission);
    expect(said).toEqual([]);
    expect(settings?.pools[0]?.admission).toEqual({
      rate: { perSecond: 200, burst: 10 },
      perServer: { perSecond: 0.5, burst: 3 },
      delayMaxMs: 2_000,
      waitingMax: 10_000,
    });
  });

  it("need a rate to be held back by", async () => {
    const { said } = await load("", "admission: { maxDelay: 2s },");
    expect(said).toEqual([
      expect.stringContaining(
        "pools.brokers.admission has no rate, expected rate, perServer or both",
      ),
    ]);
    expect((await load("", "admission: { rate: 0/s },")).said).toHaveLength(1);
  });

  it("can be told that their server has moved, and had better learn where", async () => {
    const pool = "drain: { reason: server-moved },";
    const { settings, said } = await load("", pool);
    expect(settings?.pools[0]?.drain.isForGood).toBe(true);
    expect(said).toEqual([
      expect.stringContaining(
        "pools.brokers says that a server has moved, but none has a name to move to",
      ),
    ]);
  });

  it("are warned of where nothing comes of it", async () => {
    const { said } = await load(
      ", handshakes: { rate: 5/s }",
      "balance: source-hash, rebalance: { mode: automatic },",
    );
    expect(said).toEqual([
      expect.stringContaining("listeners.mqtt.handshakes has no effect without tls"),
      expect.stringContaining("pools.brokers chooses by a hash, so its clients would come back"),
    ]);
  });

  it("are warned of a rate over TLS where there is none", async () => {
    const { settings, said } = await load("", "", "limits: { tlsAccepts: { rate: 5/s } }");
    expect(settings?.limits.tlsAccepts).toEqual({ perSecond: 5, burst: 1 });
    expect(said).toEqual([
      expect.stringContaining("limits.tlsAccepts has no effect: no listener has tls"),
    ]);
  });
});
