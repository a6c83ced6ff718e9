import { describe, expect, it } from "vitest";
import { readTop, type TopConnection, type TopSample } from "./top-readings.ts";

const CLIENT: TopConnection = {
  ...{ id: "0-1-1", clientId: "pump", client: "10.0.0.9:1", server: "b1", ageMs: 10_000 },
  ...{ bytesIn: 1_000, bytesOut: 0, packetsIn: 50, packetsOut: 10, rates: null },
};

function server(name: string, active: number, total: number, bytesOut = 0) {
  const connections = { active, total, max: 0, limit: 0 };
  const facts = {
    status: "UP",
    state: "UP",
    admin: "ready",
    bytesIn: 0,
    bytesOut,
    dialFailures: 2,
  };
  return { name, connections, ...facts };
}

function sample(atMs: number, given: Partial<TopSample["summary"]>, more: object = {}): TopSample {
  const summary = {
    ...{ uptimeSeconds: atMs / 1_000, connections: { active: 3, limit: 10, total: 100 } },
    ...{ bytesFromClients: 0, bytesToClients: 0, packetsFromClients: 0, packetsToClients: 0 },
    ...{ tlsHandshakes: 0, waiting: 1 },
    ...given,
  };
  return { atMs, summary, pools: [], connections: [], ...more } as unknown as TopSample;
}

describe("readTop", () => {
  it("makes rates of totals", () => {
    const before = sample(10_000, {});
    const totals = { bytesFromClients: 4_000, packetsToClients: 10, tlsHandshakes: 6 };
    const connections = { active: 5, limit: 10, total: 120 };
    const reading = readTop(sample(12_000, { ...totals, connections }), before);
    expect(reading).toMatchObject({
      ...{ active: 5, limit: 10, waiting: 1, connectsPerSecond: 10, handshakesPerSecond: 3 },
      traffic: { bytesIn: 2_000, bytesOut: 0, packetsIn: 0, packetsOut: 5 },
    });
  });

  it("has none at the first look, and none across a restart", () => {
    const now = sample(12_000, { tlsHandshakes: 6 });
    expect(readTop(now, null).handshakesPerSecond).toBe(0);
    const other = sample(11_000, { uptimeSeconds: 500, tlsHandshakes: 2 });
    expect(readTop(now, other).handshakesPerSecond).toBe(0);
  });

  it("knows servers by name, and their shares of their pool", () => {
    const pools = (of: readonly object[]) => ({ pools: [{ name: "p", servers: of }] });
    const before = sample(1_000, {}, pools([server("a", 1, 5), server("b", 0, 0)]));
    const now = sample(
      3_000,
      {},
      pools([server("b", 1, 4, 500), server("a", 3, 9), server("new", 0, 7)]),
    );
    expect(readTop(now, before).servers).toMatchObject([
      { name: "p/b", active: 1, share: 0.25, connectsPerSecond: 2, bytesInPerSecond: 250 },
      { name: "p/a", active: 3, share: 0.75, connectsPerSecond: 2, failures: 2, isDown: false },
      { name: "p/new", share: 0, connectsPerSecond: 0 },
    ]);
  });

  it("counts clients since the last look, and those who have come since they came", () => {
    const before = sample(10_000, {}, { connections: [CLIENT] });
    const later = { ...CLIENT, packetsIn: 70, bytesIn: 3_000, ageMs: 12_000 };
    const fresh = { ...CLIENT, id: "0-2-9", clientId: null, ageMs: 500, server: null };
    const now = sample(12_000, {}, { connections: [later, fresh] });
    expect(readTop(now, before).clients).toMatchObject([
      { name: "pump", server: "b1", rate: { packetsIn: 10, packetsOut: 0, bytesIn: 1_000 } },
      { name: "-", server: "-", rate: { packetsIn: 100, bytesIn: 2_000 } },
    ]);
  });

  it("takes the rates by which the API has ranked clients, and knows totals beside them", () => {
    const rates = { packetsIn: 7, packetsOut: 1, bytesIn: 70, bytesOut: 10 };
    const now = sample(12_000, {}, { connections: [{ ...CLIENT, rates }] });
    const { bytesIn, bytesOut, packetsIn, packetsOut } = CLIENT;
    expect(readTop(now, null).clients).toMatchObject([
      { rate: rates, total: { bytesIn, bytesOut, packetsIn, packetsOut } },
    ]);
  });
});
