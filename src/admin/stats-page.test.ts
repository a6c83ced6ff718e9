import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { PoolOverview, ServerOverview } from "./overview.ts";
import { renderStatsPage, STATS_PAGE_POLICY, type StatsPage } from "./stats-page.ts";

const server: ServerOverview = {
  name: "b1",
  address: "192.0.2.1:1883",
  backup: false,
  weight: 1,
  state: "UP",
  admin: "ready",
  status: "UP",
  reason: null,
  since: "2026-11-21T12:00:05.000Z",
  downCount: 0,
  downtimeMs: 0,
  lastCheck: { outcome: "passed", code: "L7OK", sentence: "CONNACK 0", durationMs: 1.4 },
  throttlePercent: 100,
  messageLatencyMs: null,
  agentCheck: null,
  checkCount: 1,
  failedCheckCount: 0,
  failedDialCount: 0,
  connections: { active: 1234, max: 2000, limit: 0, total: 12_345 },
  bytesIn: 3 * 1024 * 1024,
  bytesOut: 17,
  dials: 0,
  dialFailures: 0,
  retries: 0,
  redispatches: 0,
};

const pool: PoolOverview = {
  name: "brokers",
  balance: "round-robin",
  stick: null,
  check: "mqtt",
  servers: [server],
};

const page: StatsPage = {
  status: {
    version: "1.2.3",
    pid: 42,
    file: "fairlead.yaml",
    startedAt: "2026-11-21T12:00:00.000Z",
    uptimeSeconds: 90_061,
    connections: { active: 7, max: 9, limit: 100, total: 11 },
    plan: 1,
    workers: [
      {
        worker: 0,
        state: "serving",
        reactor: "epoll",
        note: null,
        connections: 7,
        replacements: 0,
        oldestPlan: 1,
        servingSince: null,
      },
    ],
    listeners: [
      {
        name: "mqtt",
        address: "0.0.0.0:1883",
        protocol: "mqtt",
        pool: "brokers",
        connections: { active: 7, max: 9, limit: 0, total: 11 },
        refused: 0,
        bytesIn: 2048,
        bytesOut: 0,
      },
    ],
  },
  pools: [pool],
  ends: [],
  changes: [],
  hasCluster: false,
};

function pageWith(changed: Partial<ServerOverview>): StatsPage {
  return { ...page, pools: [{ ...pool, servers: [{ ...server, ...changed }] }] };
}

describe("renderStatsPage", () => {
  it("shows totals, listeners, servers and workers", () => {
    const text = renderStatsPage(page);
    for (const shown of [
      "version 1.2.3",
      "up 1 d 01:01:01",
      "7 of 100",
      "1 of 1",
      "0.0.0.0:1883",
      "2.0 KiB",
      "1,234",
      "3.0 MiB",
      "17 B",
      "L7OK in 1 ms: CONNACK 0",
      "2026-11-21 12:00:05 UTC",
      '<span class="UP">UP</span>',
    ]) {
      expect(text).toContain(shown);
    }
  });

  it("shows a server that is down, and why", () => {
    const down = pageWith({ state: "DOWN", status: "DOWN", reason: "connection refused" });
    const text = renderStatsPage(down);
    expect(text).toContain('<span class="DOWN">DOWN</span>');
    expect(text).toContain("connection refused");
    expect(text).toContain("0 of 1");
  });

  it("shows a server on its way down or up, and one that is drained", () => {
    expect(renderStatsPage(pageWith({ status: "UP 1/3" }))).toContain(
      '<span class="changing">UP 1/3</span>',
    );
    expect(renderStatsPage(pageWith({ status: "no check", admin: "drain" }))).toContain(
      '<span class="UP">UP, drain</span>',
    );
  });

  it("lists changes and ends only where there are any", () => {
    expect(renderStatsPage(page)).not.toMatch(/Latest changes|Why connections ended/);
    const at = "2026-11-21T12:00:09.000Z";
    const change = { at, pool: "brokers", server: "b1", state: "DOWN", reason: "reset" } as const;
    const end = { name: "idle-timeout", fault: false, sentence: "Nothing moved.", count: 3 };
    const text = renderStatsPage({ ...page, changes: [change], ends: [end] });
    expect(text).toMatch(
      /Latest changes[\s\S]*reset[\s\S]*Why connections ended[\s\S]*idle-timeout/,
    );
  });

  it("escapes whatever it is given", () => {
    const evil = `"><script>alert(1)</script>`;
    const at = "2026-11-21T12:00:09.000Z";
    const text = renderStatsPage({
      ...pageWith({ name: evil, address: evil, reason: evil }),
      status: { ...page.status, file: evil },
      changes: [{ at, pool: evil, server: evil, state: "UP", reason: evil }],
      ends: [{ name: evil, fault: true, sentence: evil, count: 1 }],
    });
    expect(text).not.toContain("<script");
    expect(text).toContain("&lt;script&gt;");
  });

  it("has a policy that allows the page's own style and nothing else", () => {
    const style = /<style>([\s\S]*)<\/style>/.exec(renderStatsPage(page))?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    expect(STATS_PAGE_POLICY).toContain(`style-src 'sha256-${hash}'`);
    expect(STATS_PAGE_POLICY).toContain("default-src 'none'");
  });

  it("links to the embedded cluster only where there is one", () => {
    expect(renderStatsPage(page)).not.toContain("/api/v1/cluster/stats");
    expect(renderStatsPage({ ...page, hasCluster: true })).toContain("/api/v1/cluster/stats");
  });
});
