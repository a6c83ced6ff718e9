import { describe, expect, test } from "vitest";
import { documentSchema } from "./schema.ts";

const SMALLEST = {
  listeners: { mqtt: { listen: "0.0.0.0:1883", pool: "brokers" } },
  pools: { brokers: { servers: ["10.0.0.1:1883"] } },
};

describe("documentSchema", () => {
  test("wants listeners and pools and nothing else", () => {
    const document = documentSchema.parse(SMALLEST);
    expect(document.limits).toEqual({
      connections: "auto",
      connectSize: 65_536,
      packetSize: 16_777_216,
      connectDeadline: 10_000,
      bufferMemory: 268_435_456,
    });
    expect(document.pools["brokers"]).toMatchObject({
      check: { type: "tcp", interval: 2_000, rise: 2, fall: 3, version: "3.1.1" },
      dial: { timeout: 5_000, retries: 1, redispatches: 3 },
      timeouts: { idle: 1_800_000, finish: 10_000 },
    });
    expect(documentSchema.safeParse({}).success).toBe(false);
  });

  test("makes the same of a server's short and long form", () => {
    const pools = { brokers: { servers: ["10.0.0.1:1883", { address: "10.0.0.1:1883" }] } };
    const servers = documentSchema.parse({ ...SMALLEST, pools }).pools["brokers"]?.servers;
    expect(servers?.[0]).toEqual(servers?.[1]);
    expect(servers?.[0]).toMatchObject({ weight: 1, backup: false, connections: 0 });
  });

  test("takes the number that YAML makes of 5.0 for the version", () => {
    const pool = { ...SMALLEST.pools.brokers, check: { version: 5 } };
    const document = documentSchema.parse({ ...SMALLEST, pools: { brokers: pool } });
    expect(document.pools["brokers"]?.check.version).toBe("5.0");
  });

  test("takes false for admin, and not true", () => {
    expect(documentSchema.parse({ ...SMALLEST, admin: false }).admin).toBe(false);
    expect(documentSchema.safeParse({ ...SMALLEST, admin: true }).success).toBe(false);
  });
});
