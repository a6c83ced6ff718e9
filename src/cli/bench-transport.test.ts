import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  BENCH_TRANSPORT_DEFAULTS,
  type BenchTransportOptions,
  describeTransport,
} from "./bench-transport.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-bench-transport-"));
const CA = join(folder, "ca.pem");
writeFileSync(CA, "the authority");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function describeFor(options: Partial<BenchTransportOptions>) {
  return describeTransport({ ...BENCH_TRANSPORT_DEFAULTS, ...options }, "broker.test", 8884);
}

describe("describeTransport", () => {
  it("is nothing for plain MQTT", () => {
    expect(describeFor({})).toBeNull();
  });

  it("has a WebSocket, TLS, or both", () => {
    const insecure = { insecure: true };
    expect(describeFor({ protocol: "ws", path: "/m" })).toMatchObject({
      tls: null,
      websocket: { path: "/m", host: "broker.test:8884" },
    });
    expect(describeFor({ protocol: "mqtts", ...insecure })?.websocket).toBeNull();
    expect(describeFor({ protocol: "wss", ca: CA })).toMatchObject({
      tls: { authorities: "the authority", serverName: "broker.test" },
      websocket: { path: "/mqtt" },
    });
  });

  it("wants to know whom to trust, and both halves of a certificate", () => {
    expect(() => describeFor({ protocol: "mqtts" })).toThrow('"--insecure"');
    const half = { protocol: "mqtts", insecure: true, cert: CA } as const;
    expect(() => describeFor(half)).toThrow("go together");
    const none = join(folder, "none");
    expect(() => describeFor({ protocol: "wss", ca: none })).toThrow(
      new Error(`Cannot read "${none}": no such file`),
    );
  });
});
