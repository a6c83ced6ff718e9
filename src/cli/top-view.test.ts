import { describe, expect, it } from "vitest";
import type { TopClient, TopReading, TopServer } from "./top-readings.ts";
import { drawTop, type TopState } from "./top-view.ts";

function servers(count: number): TopServer[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ name: `brokers/b${i}`, status: i === 1 ? "DOWN" : "UP 1/3", isDown: i === 1 },
    ...{ active: 10 * i, share: i / 10, connectsPerSecond: 1.25, failures: 3 },
    ...{ bytesInPerSecond: 1_234, bytesOutPerSecond: 5_600_000 - i },
  }));
}

function clients(count: number): TopClient[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ id: `0-${i}-1`, name: `pump-${i}`, from: "10.0.0.9:1", server: "b1" },
    ageMs: 1_000 * (count - i),
    rate: { packetsIn: i, packetsOut: 0, bytesIn: 0, bytesOut: 500 - i },
    total: { packetsIn: 1_000 * (i % 2), packetsOut: 0, bytesIn: 0, bytesOut: 0 },
  }));
}

function state(reading: Partial<TopReading> = {}, more: Partial<TopState> = {}): TopState {
  const traffic = { packetsIn: 12_345, packetsOut: 0.3, bytesIn: 999, bytesOut: 1e9 };
  return {
    reading: {
      ...{ uptimeSeconds: 3_700, active: 12, limit: 100, waiting: 0, traffic },
      ...{ connectsPerSecond: 2, handshakesPerSecond: 0, servers: servers(3), clients: clients(5) },
      ...reading,
    },
    ...{ clientOrder: "packets", serverOrder: "file", url: "http://127.0.0.1:8888" },
    ...{ problem: null, isTotal: false, ...more },
  };
}

const draw = (of: TopState, columns = 80, rows = 24) =>
  drawTop(of, { columns, rows }).map(({ text }) => text);

describe("drawTop", () => {
  it("shows totals, servers and clients on 80 by 24", () => {
    const lines = draw(state());
    expect(lines).toHaveLength(24);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    const text = lines.join("\n");
    expect(text).toContain("Fairlead at http://127.0.0.1:8888, up 1h 1m");
    expect(text).toContain("connections 12 of 100   new 2.0/s");
    expect(text).toContain(
      "from clients 12.3k packets/s 999 B/s   to clients 0.3 packets/s 954 MiB/s",
    );
    expect(lines[4]).toMatch(/^server +state +conns +new\/s +in\/s +out\/s +fails +share$/);
    expect(lines[6]).toMatch(/^brokers\/b1 +DOWN +10 +1\.3 +1\.2 KiB +5\.3 MiB +3 #·········$/);
    expect(lines[9]).toMatch(/^clients by packets\/s +server +age +pkt\/s in +pkt\/s out/);
    expect(lines[10]).toMatch(/^pump-4 +b1 +1s +4\.0 +0 +0 B +496 B$/);
    expect(lines.at(-1)).toMatch(
      /^q quit .* p packets, b bytes, a age, t totals .* servers as configured$/,
    );
  });

  it("marks servers that are down, and says what is wrong", () => {
    const lines = drawTop(state({}, { problem: "Cannot reach it" }), { columns: 80, rows: 24 });
    expect(lines.filter(({ kind }) => kind === "bad").map(({ text }) => text)).toEqual([
      expect.stringContaining("DOWN"),
      "Cannot reach it",
    ]);
  });

  it("sorts clients and servers as it is told", () => {
    const first = (more: Partial<TopState>, line: number) =>
      draw(state({}, more))[line]!.split(" ")[0];
    expect(first({ clientOrder: "bytes" }, 10)).toBe("pump-0");
    expect(first({ clientOrder: "age" }, 10)).toBe("pump-0");
    expect(first({ isTotal: true }, 10)).toBe("pump-1");
    expect(draw(state({}, { isTotal: true }))[9]).toMatch(
      /^clients by packets +server +age +pkts in +pkts out +in +out$/,
    );
    expect(first({ serverOrder: "connections" }, 5)).toBe("brokers/b2");
    expect(first({ serverOrder: "bytes" }, 5)).toBe("brokers/b0");
  });

  it("fits any terminal, and counts what has no room", () => {
    const many = state({ servers: servers(40), clients: clients(200) });
    for (const [columns, rows] of [
      [80, 24],
      [20, 5],
      [200, 60],
      [80, 1],
      [1, 9],
    ] as const) {
      const lines = draw(many, columns, rows);
      expect(lines).toHaveLength(rows);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    }
    expect(draw(many)[4]).toMatch(/^server \(32 m….* +share$/);
    expect(draw(many, 120)[4]).toContain("server (32 more)");
  });

  it("hands nothing to the terminal that a client has chosen to do to it", () => {
    const [client] = clients(1);
    const rude = { ...client!, name: "\u001b[2Jdead\n" };
    expect(draw(state({ clients: [rude] })).join("|")).toContain("\u{fffd}[2Jdead\u{fffd}");
  });
});
